#include "common/stages.h"

namespace loadfleet {
namespace {

bool IsNought(const v1::Rate& rate) {
  return rate.count() == 0;
}
bool IsNought(uint32_t vus) {
  return vus == 0;
}

// `from_nought`: whether the first stage begins so.
template <typename Messages>
std::vector<Stage> Spans(bool from_nought, const Messages& messages) {
  std::vector<Stage> stages;
  Nanos begin = 0;
  for (const auto& message : messages) {
    const Nanos end = begin + message.duration_ns();
    const bool to_nought = IsNought(message.target());
    stages.push_back({message.name(), begin, end, !message.unmeasured(), from_nought && to_nought});
    begin = end;
    from_nought = to_nought;
  }
  return stages;
}

}  // namespace

std::vector<Stage> StagesOf(const v1::Scenario& scenario) {
  switch (scenario.executor_case()) {
    case v1::Scenario::kRampingArrivalRate:
      return Spans(IsNought(scenario.ramping_arrival_rate().start_rate()),
                   scenario.ramping_arrival_rate().stages());
    case v1::Scenario::kRampingVus:
      return Spans(IsNought(scenario.ramping_vus().start_vus()), scenario.ramping_vus().stages());
    default:
      return {};
  }
}

}  // namespace loadfleet
