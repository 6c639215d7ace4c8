#include "loadctl/explain/plan_outline.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/feeder/feeding.h"
#include "common/plan_shape.h"
#include "common/schedule/arrival_schedule.h"
#include "common/schedule/load_lines.h"
#include "master/partition/partition.h"

namespace loadfleet {
namespace {

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

double RateWeight(const ScenarioOutline& scenario) {
  return scenario.open ? 1 : 0;
}

double RequestWeight(const ScenarioOutline& scenario) {
  return scenario.open ? scenario.requests_per_iteration : 0;
}

double VuWeight(const ScenarioOutline& scenario) {
  return scenario.open ? 0 : 1;
}

// Without those that weigh nothing.
SumOfLines SumOf(const PlanOutline& outline, double (*weight)(const ScenarioOutline&)) {
  std::vector<SumOfLines::Part> parts;
  for (const ScenarioOutline& scenario : outline.scenarios) {
    if (const double of_it = weight(scenario); of_it != 0) {
      parts.push_back({&scenario.stages, of_it});
    }
  }
  return SumOfLines(std::move(parts));
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
  outline->peak_rate = SumOf(*outline, RateWeight).HighestIn(0, outline->duration);
  outline->peak_requests = SumOf(*outline, RequestWeight).HighestIn(0, outline->duration);
  outline->peak_vus = static_cast<uint64_t>(
      std::llround(SumOf(*outline, VuWeight).HighestIn(0, outline->duration)));
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
  const SumOfLines sum = SumOf(outline, quantity == Quantity::kRate ? RateWeight : VuWeight);
  const auto edge = [&](size_t column) {
    return static_cast<Nanos>(static_cast<long double>(outline.duration) *
                              static_cast<long double>(column) / static_cast<long double>(columns));
  };
  std::vector<double> curve;
  for (size_t column = 0; column < columns; ++column) {
    curve.push_back(sum.HighestIn(edge(column), edge(column + 1)));
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
