#include "common/stats/slowest_traces.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

constexpr uint32_t kMinute = 60;

uint32_t MinuteOf(const TraceSample& sample) {
  return sample.second / kMinute;
}

}  // namespace

void ToProto(const TraceSample& sample, v1::TracedRequest* out) {
  out->set_request(sample.request);
  out->set_scenario(sample.scenario);
  out->set_second(sample.second);
  out->set_response_time_us(sample.response_time_us);
  out->set_outcome(static_cast<v1::Outcome>(sample.outcome));
  out->set_trace_id(sample.id.data(), sample.id.size());
  out->set_agent_id(sample.agent_id);
}

absl::StatusOr<TraceSample> TraceSampleOf(const v1::TracedRequest& message) {
  TraceSample sample;
  if (message.trace_id().size() != sample.id.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a trace id of ", message.trace_id().size(), " bytes"));
  }
  if (!IsOutcome(message.outcome())) {
    return absl::InvalidArgumentError(absl::StrCat("no outcome ", message.outcome()));
  }
  sample.outcome = static_cast<Outcome>(message.outcome());
  sample.request = message.request();
  sample.scenario = message.scenario();
  sample.second = message.second();
  sample.response_time_us = message.response_time_us();
  std::copy(message.trace_id().begin(), message.trace_id().end(), sample.id.begin());
  sample.agent_id = message.agent_id();
  return sample;
}

bool Slower(const TraceSample& a, const TraceSample& b) {
  if (a.response_time_us != b.response_time_us) return a.response_time_us > b.response_time_us;
  return std::tie(a.second, a.id) < std::tie(b.second, b.id);
}

void SlowestTraces::Add(const TraceSample& sample) {
  if (sample.response_time_us < floor_us_) return;
  if (by_request_.size() <= sample.request) by_request_.resize(sample.request + 1);
  std::vector<TraceSample>& samples = by_request_[sample.request];
  size_t same = 0;
  TraceSample* fastest = nullptr;
  for (TraceSample& one : samples) {
    if (one.scenario != sample.scenario || MinuteOf(one) != MinuteOf(sample)) continue;
    ++same;
    if (fastest == nullptr || Slower(*fastest, one)) fastest = &one;
  }
  if (same < limits::kTracesPerMinute) {
    samples.push_back(sample);
    if (++count_ > most_) DropFastest();
  } else if (Slower(sample, *fastest)) {
    *fastest = sample;
  }
}

void SlowestTraces::DropFastest() {
  std::vector<TraceSample>* list = nullptr;
  size_t at = 0;
  for (std::vector<TraceSample>& samples : by_request_) {
    for (size_t i = 0; i < samples.size(); ++i) {
      if (list != nullptr && !Slower((*list)[at], samples[i])) continue;
      list = &samples;
      at = i;
    }
  }
  floor_us_ = std::max(floor_us_, (*list)[at].response_time_us);
  std::swap((*list)[at], list->back());
  list->pop_back();
  --count_;
}

void SlowestTraces::Merge(const SlowestTraces& other) {
  for (const std::vector<TraceSample>& samples : other.by_request_) {
    for (const TraceSample& sample : samples) Add(sample);
  }
}

void SlowestTraces::Clear() {
  for (std::vector<TraceSample>& samples : by_request_) samples.clear();
  count_ = 0;
  floor_us_ = 0;
}

std::vector<TraceSample> SlowestTraces::Sorted() const {
  std::vector<TraceSample> sorted;
  for (const std::vector<TraceSample>& samples : by_request_) {
    sorted.insert(sorted.end(), samples.begin(), samples.end());
  }
  std::sort(sorted.begin(), sorted.end(), [](const TraceSample& a, const TraceSample& b) {
    if (MinuteOf(a) != MinuteOf(b)) return MinuteOf(a) < MinuteOf(b);
    return Slower(a, b);
  });
  return sorted;
}

}  // namespace loadfleet
