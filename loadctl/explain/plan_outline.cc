#include "loadctl/explain/plan_outline.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/feeder/feeding.h"
#include "common/plan_shape.h"
#include "common/schedule/arrival_schedule.h"
#include "master/partition/partition.h"

namespace loadfleet {
namespace {

double ValueOf(const v1::Rate& rate) {
  return static_cast<double>(PerSecond(rate));
}

double ValueOf(const v1::RateStage& stage) {
  return ValueOf(stage.target());
}

double ValueOf(const v1::VuStage& stage) {
  return stage.target();
}

template <typename Stages>
std::vector<StageOutline> Ramp(Nanos begin, double start, const Stages& stages) {
  std::vector<StageOutline> ramp;
  for (const auto& stage : stages) {
    ramp.push_back({stage.name(), begin, begin + stage.duration_ns(), start, ValueOf(stage)});
    begin = ramp.back().end;
    start = ramp.back().to;
  }
  return ramp;
}

std::vector<StageOutline> LinesOf(const v1::Scenario& scenario) {
  const Nanos begin = scenario.start_time_ns();
  if (scenario.has_ramping_arrival_rate()) {
    const v1::RampingArrivalRate& load = scenario.ramping_arrival_rate();
    return Ramp(begin, ValueOf(load.start_rate()), load.stages());
  }
  if (scenario.has_ramping_vus()) {
    return Ramp(begin, scenario.ramping_vus().start_vus(), scenario.ramping_vus().stages());
  }
  const double value = scenario.has_constant_arrival_rate()
                           ? ValueOf(scenario.constant_arrival_rate().rate())
                           : static_cast<double>(MostVus(scenario));
  return {{"", begin, begin + LoadDuration(scenario), value, value}};
}

uint64_t Times(uint64_t a, uint64_t b) {
  return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

// Whatever their feeders have rows for.
std::optional<uint64_t> ExecutedIterations(const v1::Plan& plan, int index,
                                           const v1::Scenario& scenario) {
  if (OpenModelOf(scenario) != nullptr) {
    return PlannedArrivals(scenario, plan.seed(), static_cast<uint32_t>(index),
                           scenario.start_time_ns() + LoadDuration(scenario));
  }
  if (scenario.has_per_vu_iterations()) {
    const v1::PerVuIterations& load = scenario.per_vu_iterations();
    return Times(load.vus(), load.iterations());
  }
  if (scenario.has_shared_iterations()) return scenario.shared_iterations().iterations();
  return std::nullopt;
}

// What an agent does of so many that a single machine would do, before its own rows are used up.
uint64_t OwnIterations(const v1::Scenario& scenario, const Share& share, uint64_t iterations) {
  const uint64_t own = share.slots.CountBelow(iterations);
  const uint64_t each = scenario.most_iterations_each();
  return each == 0 ? own : std::min(own, each);
}

// `executed`: as ExecutedIterations has them.
std::optional<uint64_t> IterationsOf(const v1::Scenario& scenario,
                                     const std::optional<uint64_t>& executed,
                                     const std::vector<Share>& shares) {
  std::optional<uint64_t> iterations = executed;
  if (scenario.most_iterations() > 0) {
    iterations = std::min(scenario.most_iterations(), iterations.value_or(UINT64_MAX));
  }
  if (scenario.most_iterations_each() == 0) return iterations;
  if (!iterations) return Times(scenario.most_iterations_each(), shares.size());
  uint64_t sum = 0;
  for (const Share& share : shares) sum += OwnIterations(scenario, share, *iterations);
  return sum;
}

FeederOutline OutlineOfFeeder(const v1::Plan& plan, uint32_t index) {
  const v1::Feeder& feeder = plan.feeders(static_cast<int>(index));
  FeederOutline outline;
  outline.name = feeder.name();
  outline.rows = feeder.rows();
  outline.copy = feeder.share() == v1::Feeder::SHARE_COPY;
  outline.stop = feeder.on_end() == v1::Feeder::ON_END_STOP;
  outline.iterations = 0;
  for (const uint32_t fed : FedScenarios(plan, index)) {
    v1::Scenario scenario = plan.scenarios(static_cast<int>(fed));
    outline.scenarios.push_back(scenario.name());
    scenario.clear_most_iterations();
    const auto wanted = ExecutedIterations(plan, static_cast<int>(fed), scenario);
    outline.iterations =
        wanted && outline.iterations ? std::optional(*outline.iterations + *wanted) : std::nullopt;
  }
  return outline;
}

uint64_t RequestsIn(uint64_t iterations, double each) {
  return static_cast<uint64_t>(std::llround(static_cast<double>(iterations) * each));
}

ScenarioOutline OutlineOfScenario(const v1::Plan& plan, int index,
                                  const std::optional<uint64_t>& executed,
                                  const std::vector<Share>& shares) {
  const v1::Scenario& scenario = plan.scenarios(index);
  ScenarioOutline outline;
  outline.name = scenario.name();
  outline.open = OpenModelOf(scenario) != nullptr;
  outline.stages = LinesOf(scenario);
  outline.requests_per_iteration = RequestsPerIteration(plan, scenario);
  outline.iterations = IterationsOf(scenario, executed, shares);
  if (outline.iterations) {
    outline.requests = RequestsIn(*outline.iterations, outline.requests_per_iteration);
  }
  return outline;
}

enum class Side { kBefore, kAfter };

// The scenario's value right before or after `time`; nothing lies outside of its stages.
double ValueAt(const ScenarioOutline& scenario, Nanos time, Side side) {
  const auto stage = std::partition_point(
      scenario.stages.begin(), scenario.stages.end(),
      [&](const StageOutline& s) { return side == Side::kAfter ? s.end <= time : s.end < time; });
  if (stage == scenario.stages.end()) return 0;
  // Before the first stage.
  if (side == Side::kBefore ? stage->begin >= time : stage->begin > time) return 0;
  const double part = static_cast<double>(time - stage->begin) /
                      static_cast<double>(std::max<Nanos>(1, stage->end - stage->begin));
  return stage->from + (stage->to - stage->from) * part;
}

template <typename Weight>
double SumAt(const PlanOutline& outline, Nanos time, Side side, const Weight& weight) {
  double sum = 0;
  for (const ScenarioOutline& scenario : outline.scenarios) {
    if (const double of_it = weight(scenario); of_it != 0) {
      sum += of_it * ValueAt(scenario, time, side);
    }
  }
  return sum;
}

// Between straight lines the highest value is where one of them begins or ends. `ends` is
// ascending.
template <typename Weight>
double HighestIn(const PlanOutline& outline, const std::vector<Nanos>& ends, Nanos begin, Nanos end,
                 const Weight& weight) {
  double highest = std::max(SumAt(outline, begin, Side::kAfter, weight),
                            SumAt(outline, end, Side::kBefore, weight));
  for (auto at = std::upper_bound(ends.begin(), ends.end(), begin); at != ends.end() && *at < end;
       ++at) {
    highest = std::max({highest, SumAt(outline, *at, Side::kBefore, weight),
                        SumAt(outline, *at, Side::kAfter, weight)});
  }
  return highest;
}

std::vector<Nanos> EndsOf(const PlanOutline& outline) {
  std::vector<Nanos> ends;
  for (const ScenarioOutline& scenario : outline.scenarios) {
    for (const StageOutline& stage : scenario.stages) {
      ends.push_back(stage.begin);
      ends.push_back(stage.end);
    }
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

double RateWeight(const ScenarioOutline& scenario) {
  return scenario.open ? 1 : 0;
}

double RequestWeight(const ScenarioOutline& scenario) {
  return scenario.open ? scenario.requests_per_iteration : 0;
}

double VuWeight(const ScenarioOutline& scenario) {
  return scenario.open ? 0 : 1;
}

std::vector<std::string> OriginsOf(const v1::Plan& plan) {
  std::vector<std::string> origins;
  for (const v1::Request* request : RequestsOf(plan)) {
    const v1::Origin& origin = request->origin();
    const bool ipv6 = absl::StrContains(origin.host(), ":");
    std::string text =
        absl::StrCat(origin.scheme() == v1::SCHEME_HTTPS ? "https://" : "http://", ipv6 ? "[" : "",
                     origin.host(), ipv6 ? "]:" : ":", origin.port());
    if (std::find(origins.begin(), origins.end(), text) == origins.end()) {
      origins.push_back(std::move(text));
    }
  }
  return origins;
}

bool HasCondition(const google::protobuf::RepeatedPtrField<v1::Step>& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const v1::Step& step) {
    const auto* inner = InnerSteps(step);
    return step.has_condition() || (inner != nullptr && HasCondition(*inner));
  });
}

bool MayPassOverSteps(const v1::Plan& plan, const v1::Scenario& scenario) {
  const std::vector<v1::WeightedFlow> flows = FlowsOf(scenario);
  return std::any_of(flows.begin(), flows.end(), [&plan](const v1::WeightedFlow& flow) {
    return HasCondition(plan.flows(static_cast<int>(flow.flow())).steps());
  });
}

void AddTotals(const v1::Plan& plan, PlanOutline* outline) {
  for (int i = 0; i < plan.scenarios_size(); ++i) {
    const ScenarioOutline& scenario = outline->scenarios[static_cast<size_t>(i)];
    if (!scenario.requests) {
      outline->unknown = true;
    } else if (!scenario.open) {
      outline->most_iterated += *scenario.requests;
    } else {
      const bool poisson = OpenModelOf(plan.scenarios(i))->arrival() == v1::ARRIVAL_POISSON;
      outline->open_requests += *scenario.requests;
      if (poisson && *scenario.iterations > kMostArrivalsDrawn) outline->exact = false;
      if (FlowsOf(plan.scenarios(i)).size() > 1) outline->exact = false;
      if (MayPassOverSteps(plan, plan.scenarios(i))) outline->conditional = true;
    }
  }
  const std::vector<Nanos> ends = EndsOf(*outline);
  outline->peak_rate = HighestIn(*outline, ends, 0, outline->duration, RateWeight);
  outline->peak_requests = HighestIn(*outline, ends, 0, outline->duration, RequestWeight);
  outline->peak_vus = static_cast<uint64_t>(
      std::llround(HighestIn(*outline, ends, 0, outline->duration, VuWeight)));
}

void AddAgents(const v1::Plan& plan, const std::vector<std::optional<uint64_t>>& executed,
               const std::vector<Share>& shares, PlanOutline* outline) {
  for (const Share& share : shares) {
    AgentOutline& agent = outline->agents.emplace_back();
    agent.share = share.fraction();
    agent.peak_rate = outline->peak_rate * share.fraction();
    agent.connections = std::max<uint64_t>(1, share.slots.CountBelow(outline->connections));
    for (int i = 0; i < plan.scenarios_size(); ++i) {
      const ScenarioOutline& scenario = outline->scenarios[static_cast<size_t>(i)];
      agent.vus += share.slots.CountBelow(MostVus(plan.scenarios(i)));
      if (!scenario.open) continue;
      const uint64_t own =
          OwnIterations(plan.scenarios(i), share, executed[static_cast<size_t>(i)].value_or(0));
      agent.requests += RequestsIn(own, scenario.requests_per_iteration);
    }
  }
}

}  // namespace

PlanOutline OutlineOf(const v1::Plan& plan, std::optional<uint32_t> agents) {
  PlanOutline outline;
  outline.name = plan.name();
  outline.origins = OriginsOf(plan);
  outline.cookies = plan.cookies();
  for (const v1::Request* request : RequestsOf(plan)) {
    outline.redirects = std::max(outline.redirects, request->redirects());
  }
  outline.duration = LoadDuration(plan);
  outline.graceful_stop = GracefulStop(plan);
  outline.connections = plan.connections().max();
  if (plan.has_setup()) outline.setup = plan.flows(static_cast<int>(plan.setup().flow())).name();
  if (plan.has_teardown()) {
    outline.teardown = plan.flows(static_cast<int>(plan.teardown().flow())).name();
  }
  outline.traced = plan.trace().sample();
  const std::vector<Share> shares = Partition(
      std::vector<Participant>(std::max<uint32_t>(1, agents.value_or(plan.agents().min()))));
  std::vector<std::optional<uint64_t>> executed;  // by scenario: drawn where arrivals are random
  executed.reserve(static_cast<size_t>(plan.scenarios_size()));
  for (int i = 0; i < plan.scenarios_size(); ++i) {
    executed.push_back(ExecutedIterations(plan, i, plan.scenarios(i)));
    outline.scenarios.push_back(OutlineOfScenario(plan, i, executed.back(), shares));
  }
  for (uint32_t i = 0; i < static_cast<uint32_t>(plan.feeders_size()); ++i) {
    outline.feeders.push_back(OutlineOfFeeder(plan, i));
  }
  AddTotals(plan, &outline);
  outline.agents_assumed = !agents;
  AddAgents(plan, executed, shares, &outline);
  return outline;
}

std::vector<double> CurveOf(const PlanOutline& outline, Quantity quantity, size_t columns) {
  const auto weight = quantity == Quantity::kRate ? RateWeight : VuWeight;
  const std::vector<Nanos> ends = EndsOf(outline);
  const auto edge = [&](size_t column) {
    return static_cast<Nanos>(static_cast<long double>(outline.duration) *
                              static_cast<long double>(column) / static_cast<long double>(columns));
  };
  std::vector<double> curve;
  for (size_t column = 0; column < columns; ++column) {
    curve.push_back(HighestIn(outline, ends, edge(column), edge(column + 1), weight));
  }
  return curve;
}

GeneratorNeed NeedOf(double requests_per_second) {
  GeneratorNeed need;
  need.cores = std::max<uint64_t>(
      1, static_cast<uint64_t>(std::ceil(requests_per_second / kRequestsPerCore)));
  need.agents = (need.cores + kCoresPerAgent - 1) / kCoresPerAgent;
  return need;
}

}  // namespace loadfleet
