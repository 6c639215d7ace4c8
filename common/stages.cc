#include "common/stages.h"

namespace loadfleet {
namespace {

template <typename Messages>
std::vector<Stage> Spans(const Messages& messages) {
  std::vector<Stage> stages;
  Nanos begin = 0;
  for (const auto& message : messages) {
    const Nanos end = begin + message.duration_ns();
    stages.push_back({message.name(), begin, end, !message.unmeasured()});
    begin = end;
  }
  return stages;
}

}  // namespace

std::vector<Stage> StagesOf(const v1::Scenario& scenario) {
  switch (scenario.executor_case()) {
    case v1::Scenario::kRampingArrivalRate:
      return Spans(scenario.ramping_arrival_rate().stages());
    case v1::Scenario::kRampingVus:
      return Spans(scenario.ramping_vus().stages());
    default:
      return {};
  }
}

}  // namespace loadfleet
