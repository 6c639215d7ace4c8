#include "agent/link/load_ceiling.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/plan_shape.h"
#include "common/schedule/load_lines.h"

namespace loadfleet {
double PeakRequestRate(const v1::Plan& plan) {
  std::vector<std::vector<LoadLine>> lines;
  std::vector<SumOfLines::Part> parts;
  lines.reserve(static_cast<size_t>(plan.scenarios_size()));  // the parts borrow them
  for (const v1::Scenario& scenario : plan.scenarios()) {
    if (OpenModelOf(scenario) == nullptr) continue;
    lines.push_back(LinesOf(scenario));
    parts.push_back({&lines.back(), RequestsPerIteration(plan, scenario)});
  }
  return SumOfLines(std::move(parts)).HighestIn(0, LoadDuration(plan));
}

absl::Status CheckCeiling(const v1::Plan& plan, const SlotSet& slots, const LoadCeiling& ceiling) {
  const double share = static_cast<double>(slots.size()) / kSlots;
  const double rate = PeakRequestRate(plan) * share;
  if (ceiling.requests_per_second > 0 && rate > ceiling.requests_per_second) {
    return absl::ResourceExhaustedError(absl::StrCat("this agent's share is ", rate,
                                                     " requests a second, and it is allowed ",
                                                     ceiling.requests_per_second, " (--max-rate)"));
  }
  const uint64_t connections = slots.CountBelow(plan.connections().max());
  if (ceiling.connections > 0 && connections > ceiling.connections) {
    return absl::ResourceExhaustedError(absl::StrCat("this agent's share is ", connections,
                                                     " connections, and it is allowed ",
                                                     ceiling.connections, " (--max-connections)"));
  }
  return absl::OkStatus();
}

}  // namespace loadfleet
