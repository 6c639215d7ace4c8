#include "common/schedule/load_lines.h"

#include <algorithm>
#include <utility>

#include "common/plan_shape.h"
#include "common/schedule/arrival_schedule.h"

namespace loadfleet {
namespace {

double Value(const v1::Rate& rate) {
  return static_cast<double>(PerSecond(rate));
}

double Value(const v1::RateStage& stage) {
  return Value(stage.target());
}

double Value(const v1::VuStage& stage) {
  return stage.target();
}

template <typename Stages>
std::vector<LoadLine> Ramp(Nanos begin, double start, const Stages& stages) {
  std::vector<LoadLine> ramp;
  for (const auto& stage : stages) {
    ramp.push_back({stage.name(), begin, begin + stage.duration_ns(), start, Value(stage)});
    begin = ramp.back().end;
    start = ramp.back().to;
  }
  return ramp;
}

}  // namespace

std::vector<LoadLine> LinesOf(const v1::Scenario& scenario) {
  const Nanos begin = scenario.start_time_ns();
  if (scenario.has_ramping_arrival_rate()) {
    const v1::RampingArrivalRate& load = scenario.ramping_arrival_rate();
    return Ramp(begin, Value(load.start_rate()), load.stages());
  }
  if (scenario.has_ramping_vus()) {
    return Ramp(begin, scenario.ramping_vus().start_vus(), scenario.ramping_vus().stages());
  }
  const double value = scenario.has_constant_arrival_rate()
                           ? Value(scenario.constant_arrival_rate().rate())
                           : static_cast<double>(MostVus(scenario));
  return {{"", begin, begin + LoadDuration(scenario), value, value}};
}

SumOfLines::SumOfLines(std::vector<Part> parts) : parts_(std::move(parts)) {
  for (const Part& part : parts_) {
    for (const LoadLine& line : *part.lines) {
      ends_.push_back(line.begin);
      ends_.push_back(line.end);
    }
  }
  std::sort(ends_.begin(), ends_.end());
  ends_.erase(std::unique(ends_.begin(), ends_.end()), ends_.end());
}

// Nothing lies outside of the lines.
double SumOfLines::ValueOf(const std::vector<LoadLine>& lines, Nanos time, Side side) {
  const auto line = std::partition_point(lines.begin(), lines.end(), [&](const LoadLine& l) {
    return side == Side::kAfter ? l.end <= time : l.end < time;
  });
  if (line == lines.end()) return 0;
  // Before the first line.
  if (side == Side::kBefore ? line->begin >= time : line->begin > time) return 0;
  const double part = static_cast<double>(time - line->begin) /
                      static_cast<double>(std::max<Nanos>(1, line->end - line->begin));
  return line->from + (line->to - line->from) * part;
}

double SumOfLines::At(Nanos time, Side side) const {
  double sum = 0;
  for (const Part& part : parts_) sum += part.weight * ValueOf(*part.lines, time, side);
  return sum;
}

// Between straight lines the highest value is where one of them begins or ends.
double SumOfLines::HighestIn(Nanos begin, Nanos end) const {
  double highest = std::max(At(begin, Side::kAfter), At(end, Side::kBefore));
  for (auto at = std::upper_bound(ends_.begin(), ends_.end(), begin);
       at != ends_.end() && *at < end; ++at) {
    highest = std::max({highest, At(*at, Side::kBefore), At(*at, Side::kAfter)});
  }
  return highest;
}

}  // namespace loadfleet
