#include "common/threshold_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace loadfleet {
namespace {

// A time far below its limit in a unit in which it can be read.
void ToReadableUnit(double* value, std::string* unit) {
  static constexpr struct {
    const char* unit;
    const char* smaller;
    double factor;
  } kSmaller[] = {{"h", "m", 60}, {"m", "s", 60}, {"s", "ms", 1000}, {"ms", "us", 1000}};
  for (const auto& step : kSmaller) {
    if (*unit != step.unit || *value >= 1 || *value == 0) continue;
    *value *= step.factor;
    *unit = step.smaller;
  }
}

}  // namespace

std::string FormatThresholdValue(const v1::ThresholdResult& result) {
  if (result.no_data()) return "no data";
  // A count is exact up to here; a value beside its limit must not be rounded onto it.
  double value = result.value();
  std::string unit = result.unit();
  ToReadableUnit(&value, &unit);
  const bool whole = value == static_cast<double>(static_cast<int64_t>(value)) && value < 1e15;
  return absl::StrCat(result.lower_bound() ? ">= " : "",
                      whole ? absl::StrFormat("%.0f", value) : absl::StrFormat("%.6g", value),
                      unit);
}

std::string ThresholdSentence(const v1::ThresholdResult& result) {
  return absl::StrCat(result.metric(), " ", result.expr(), ": ", FormatThresholdValue(result));
}

}  // namespace loadfleet
