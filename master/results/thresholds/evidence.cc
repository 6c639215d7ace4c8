#include "master/results/thresholds/evidence.h"

#include <cmath>
#include <string>

#include "common/stats/quantile.h"

namespace loadfleet {
namespace {

// One multiplication or division, so that 250,000 us is exactly 250 ms.
double InUnit(double base, const std::string& unit) {
  if (unit == "ns") return base * 1e3;
  if (unit == "ms") return base / 1e3;
  if (unit == "s") return base / 1e6;
  if (unit == "m") return base / 60e6;
  if (unit == "h") return base / 3600e6;
  if (unit == "/m") return base * 60;
  if (unit == "/h") return base * 3600;
  return base;  // us, /s, a number
}

ThresholdValue Counted(const v1::Threshold& threshold, const Evidence& evidence, Nanos span) {
  ThresholdValue result;
  const auto count = static_cast<double>(evidence.count);
  switch (threshold.aggregate()) {
    case v1::THRESHOLD_SHARE:
      result.no_data = evidence.of == 0;
      if (result.no_data) return result;
      result.value = count * (threshold.unit() == "%" ? 100 : 1) / static_cast<double>(evidence.of);
      return result;
    case v1::THRESHOLD_PER_SECOND:
      result.no_data = span <= 0;
      if (result.no_data) return result;
      result.value = InUnit(count * kSecond / static_cast<double>(span), threshold.unit());
      return result;
    default:
      result.value = count;
      return result;
  }
}

}  // namespace

void Evidence::Merge(const Evidence& other) {
  times.Merge(other.times);
  censored.Merge(other.censored);
  count += other.count;
  of += other.of;
}

void Evidence::Clear() {
  times.Clear();
  censored.Clear();
  count = 0;
  of = 0;
}

EvidenceOfSecond Packed(const Evidence& evidence) {
  EvidenceOfSecond second;
  evidence.times.ToProto(&second.times);
  evidence.censored.ToProto(&second.censored);
  second.count = evidence.count;
  second.of = evidence.of;
  return second;
}

void MergePacked(const EvidenceOfSecond& second, Evidence* into) {
  // It is what Packed wrote: there is nothing wrong with it.
  into->times.MergeProto(second.times).IgnoreError();
  into->censored.MergeProto(second.censored).IgnoreError();
  into->count += second.count;
  into->of += second.of;
}

ThresholdValue ValueOf(const v1::Threshold& threshold, const Evidence& evidence, Nanos span) {
  ThresholdValue result;
  double micros = 0;
  switch (threshold.aggregate()) {
    case v1::THRESHOLD_QUANTILE: {
      result.no_data = evidence.times.empty() && evidence.censored.empty();
      const double wanted[] = {threshold.quantile()};
      const QuantileValue quantile = QuantilesOf(evidence.times, evidence.censored, wanted).front();
      micros = quantile.micros;
      result.lower_bound = quantile.lower_bound;
      break;
    }
    case v1::THRESHOLD_AVG:
      result.no_data = evidence.times.empty();
      micros = result.no_data ? 0 : evidence.times.MeanMicros();
      break;
    case v1::THRESHOLD_MIN:
      result.no_data = evidence.times.empty();
      micros = static_cast<double>(evidence.times.min_us());
      break;
    default:
      return Counted(threshold, evidence, span);
  }
  result.value = InUnit(micros, threshold.unit());
  return result;
}

bool Holds(const v1::Threshold& threshold, const ThresholdValue& value) {
  if (value.no_data) return threshold.no_data_passes();
  const double limit = threshold.limit();
  switch (threshold.comparison()) {
    case v1::COMPARISON_LESS:
      return !value.lower_bound && value.value < limit;
    case v1::COMPARISON_LESS_OR_EQUAL:
      return !value.lower_bound && value.value <= limit;
    case v1::COMPARISON_GREATER:
      return value.value > limit;
    case v1::COMPARISON_GREATER_OR_EQUAL:
      return value.value >= limit;
    case v1::COMPARISON_EQUAL:
      return !value.lower_bound && value.value == limit;
    case v1::COMPARISON_NOT_EQUAL:
      return value.lower_bound || value.value != limit;
    default:
      return false;
  }
}

bool Worse(const v1::Threshold& threshold, const ThresholdValue& a, const ThresholdValue& b) {
  if (Holds(threshold, a) != Holds(threshold, b)) return !Holds(threshold, a);
  if (a.no_data || b.no_data) return !a.no_data;
  const double limit = threshold.limit();
  switch (threshold.comparison()) {
    case v1::COMPARISON_GREATER:
    case v1::COMPARISON_GREATER_OR_EQUAL:
      return a.value < b.value;
    case v1::COMPARISON_EQUAL:
      if (a.lower_bound != b.lower_bound) return a.lower_bound;
      return std::abs(a.value - limit) > std::abs(b.value - limit);
    case v1::COMPARISON_NOT_EQUAL:
      if (a.lower_bound != b.lower_bound) return b.lower_bound;
      return std::abs(a.value - limit) < std::abs(b.value - limit);
    default:
      if (a.lower_bound != b.lower_bound) return a.lower_bound;
      return a.value > b.value;
  }
}

}  // namespace loadfleet
