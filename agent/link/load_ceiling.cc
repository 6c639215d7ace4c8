#include "agent/link/load_ceiling.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/plan_shape.h"
#include "common/schedule/arrival_schedule.h"

namespace loadfleet {
namespace {

// A part of a schedule between two moments in which its rate is linear.
struct Line {
  Nanos begin;
  Nanos end;
  double from;
  double to;
};

double At(const Line& line, Nanos time) {
  if (line.end == line.begin) return line.to;
  const double part =
      static_cast<double>(time - line.begin) / static_cast<double>(line.end - line.begin);
  return line.from + (line.to - line.from) * part;
}

void AddLines(const v1::Plan& plan, const v1::Scenario& scenario, std::vector<Line>* lines) {
  const double requests = RequestsPerIteration(plan, scenario);
  const auto per_second = [&](const v1::Rate& rate) {
    return static_cast<double>(PerSecond(rate)) * requests;
  };
  Nanos begin = scenario.start_time_ns();
  if (scenario.has_constant_arrival_rate()) {
    const double rate = per_second(scenario.constant_arrival_rate().rate());
    lines->push_back({begin, begin + LoadDuration(scenario), rate, rate});
  } else if (scenario.has_ramping_arrival_rate()) {
    double from = per_second(scenario.ramping_arrival_rate().start_rate());
    for (const v1::RateStage& stage : scenario.ramping_arrival_rate().stages()) {
      const double to = per_second(stage.target());
      lines->push_back({begin, begin + stage.duration_ns(), from, to});
      begin += stage.duration_ns();
      from = to;
    }
  }
}

}  // namespace

double PeakRequestRate(const v1::Plan& plan) {
  std::vector<Line> lines;
  for (const v1::Scenario& scenario : plan.scenarios()) AddLines(plan, scenario, &lines);
  double peak = 0;
  // A sum of lines is highest where one of them begins or ends, just before or just after.
  for (const Line& edge : lines) {
    for (const Nanos time : {edge.begin, edge.end}) {
      double before = 0;
      double after = 0;
      for (const Line& line : lines) {
        if (line.begin < time && time <= line.end) before += At(line, time);
        if (line.begin <= time && time < line.end) after += At(line, time);
      }
      peak = std::max({peak, before, after});
    }
  }
  return peak;
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
