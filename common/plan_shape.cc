#include "common/plan_shape.h"

#include <algorithm>
#include <set>

#include "common/schedule/arrival_schedule.h"

namespace loadfleet {

namespace {

using Steps = google::protobuf::RepeatedPtrField<v1::Step>;

void CollectRequests(const Steps& steps, std::vector<const v1::Request*>* out) {
  for (const v1::Step& step : steps) {
    if (step.has_request()) out->push_back(&step.request());
    if (const Steps* inner = InnerSteps(step)) CollectRequests(*inner, out);
  }
}

void CollectRequests(Steps* steps, std::vector<v1::Request*>* out) {
  for (v1::Step& step : *steps) {
    if (step.has_request()) out->push_back(step.mutable_request());
    if (step.has_group()) CollectRequests(step.mutable_group()->mutable_steps(), out);
    if (step.has_repeat()) CollectRequests(step.mutable_repeat()->mutable_steps(), out);
    if (step.has_condition()) CollectRequests(step.mutable_condition()->mutable_steps(), out);
  }
}

const v1::Group* FindGroup(const Steps& steps, uint32_t index) {
  for (const v1::Step& step : steps) {
    if (step.has_group() && step.group().index() == index) return &step.group();
    const Steps* inner = InnerSteps(step);
    const v1::Group* found = inner == nullptr ? nullptr : FindGroup(*inner, index);
    if (found != nullptr) return found;
  }
  return nullptr;
}

// How often steps that `counts` are done in one pass.
template <typename Counts>
long double Unrolled(const Steps& steps, const Counts& counts) {
  long double sum = 0;
  for (const v1::Step& step : steps) {
    const Steps* inner = InnerSteps(step);
    const uint32_t times = step.has_repeat() ? step.repeat().times() : 1;
    if (counts(step)) ++sum;
    if (inner != nullptr) sum += times * Unrolled(*inner, counts);
  }
  return sum;
}

}  // namespace

const Steps* InnerSteps(const v1::Step& step) {
  switch (step.kind_case()) {
    case v1::Step::kGroup:
      return &step.group().steps();
    case v1::Step::kRepeat:
      return &step.repeat().steps();
    case v1::Step::kCondition:
      return &step.condition().steps();
    default:
      return nullptr;
  }
}

std::vector<const v1::Request*> RequestsOf(const v1::Flow& flow) {
  std::vector<const v1::Request*> requests;
  CollectRequests(flow.steps(), &requests);
  return requests;
}

std::vector<v1::Request*> MutableRequestsOf(v1::Flow* flow) {
  std::vector<v1::Request*> requests;
  CollectRequests(flow->mutable_steps(), &requests);
  return requests;
}

std::vector<const v1::Request*> RequestsOf(const v1::Plan& plan) {
  std::vector<const v1::Request*> requests;
  for (const v1::Flow& flow : plan.flows()) CollectRequests(flow.steps(), &requests);
  return requests;
}

const v1::Request* FindRequest(const v1::Plan& plan, uint32_t index) {
  for (const v1::Request* request : RequestsOf(plan)) {
    if (request->index() == index) return request;
  }
  return nullptr;
}

std::string ScenarioName(const v1::Plan& plan, uint32_t index) {
  const auto scenario = static_cast<int>(index);
  return scenario < plan.scenarios_size() ? plan.scenarios(scenario).name() : "";
}

std::string RequestName(const v1::Plan& plan, uint32_t index) {
  const v1::Request* request = FindRequest(plan, index);
  return request == nullptr ? "" : request->name();
}

std::string GroupName(const v1::Plan& plan, uint32_t index) {
  for (const v1::Flow& flow : plan.flows()) {
    if (const v1::Group* group = FindGroup(flow.steps(), index)) return group->name();
  }
  return "";
}

uint64_t UnrolledSteps(const v1::Flow& flow) {
  const long double steps = Unrolled(flow.steps(), [](const v1::Step&) { return true; });
  return steps >= 0x1p63L ? UINT64_MAX : static_cast<uint64_t>(steps);
}

std::vector<v1::WeightedFlow> FlowsOf(const v1::Scenario& scenario) {
  if (scenario.flows_size() > 0) return {scenario.flows().begin(), scenario.flows().end()};
  v1::WeightedFlow only;
  only.set_flow(scenario.flow());
  only.set_weight(1);
  return {only};
}

std::vector<uint32_t> FlowsDoneOnce(const v1::Plan& plan) {
  std::set<uint32_t> apart;
  if (plan.has_setup()) apart.insert(plan.setup().flow());
  if (plan.has_teardown()) apart.insert(plan.teardown().flow());
  for (const v1::Scenario& scenario : plan.scenarios()) {
    for (const v1::WeightedFlow& flow : FlowsOf(scenario)) apart.erase(flow.flow());
  }
  std::vector<uint32_t> flows;
  if (plan.has_setup()) flows.push_back(plan.setup().flow());
  for (int i = 0; i < plan.flows_size(); ++i) {
    const auto flow = static_cast<uint32_t>(i);
    if (!apart.contains(flow)) flows.push_back(flow);
  }
  if (plan.has_teardown()) flows.push_back(plan.teardown().flow());
  return flows;
}

double RequestsPerIteration(const v1::Plan& plan, const v1::Scenario& scenario) {
  double weights = 0;
  double requests = 0;
  for (const v1::WeightedFlow& flow : FlowsOf(scenario)) {
    if (static_cast<int>(flow.flow()) >= plan.flows_size()) continue;
    weights += flow.weight();
    requests += flow.weight() * static_cast<double>(Unrolled(
                                    plan.flows(static_cast<int>(flow.flow())).steps(),
                                    [](const v1::Step& step) { return step.has_request(); }));
  }
  return weights == 0 ? 0 : requests / weights;
}

const v1::OpenModel* OpenModelOf(const v1::Scenario& scenario) {
  switch (scenario.executor_case()) {
    case v1::Scenario::kConstantArrivalRate:
      return &scenario.constant_arrival_rate().open();
    case v1::Scenario::kRampingArrivalRate:
      return &scenario.ramping_arrival_rate().open();
    default:
      return nullptr;
  }
}

bool MayEndEarly(const v1::Plan& plan, const v1::Scenario& scenario) {
  if (scenario.has_per_vu_iterations() || scenario.has_shared_iterations()) return true;
  const auto runs_out = [&plan](uint32_t feeder) {
    return static_cast<int>(feeder) < plan.feeders_size() &&
           plan.feeders(static_cast<int>(feeder)).on_end() == v1::Feeder::ON_END_STOP;
  };
  for (const v1::WeightedFlow& chosen : FlowsOf(scenario)) {
    if (static_cast<int>(chosen.flow()) >= plan.flows_size()) continue;
    const v1::Flow& flow = plan.flows(static_cast<int>(chosen.flow()));
    if (flow.on_error() == v1::Flow::ON_ERROR_STOP_VU) return true;
    if (std::any_of(flow.feeders().begin(), flow.feeders().end(), runs_out)) return true;
  }
  return false;
}

uint64_t MostVus(const v1::Scenario& scenario) {
  switch (scenario.executor_case()) {
    case v1::Scenario::kConstantVus:
      return scenario.constant_vus().vus();
    case v1::Scenario::kRampingVus: {
      uint64_t most = scenario.ramping_vus().start_vus();
      for (const v1::VuStage& stage : scenario.ramping_vus().stages()) {
        most = std::max<uint64_t>(most, stage.target());
      }
      return most;
    }
    case v1::Scenario::kPerVuIterations:
      return scenario.per_vu_iterations().vus();
    case v1::Scenario::kSharedIterations:
      return scenario.shared_iterations().vus();
    default:
      return 0;
  }
}

namespace {

template <typename Stages>
Nanos SumOf(const Stages& stages) {
  Nanos sum = 0;
  for (const auto& stage : stages) sum += stage.duration_ns();
  return sum;
}

}  // namespace

Nanos LoadDuration(const v1::Scenario& scenario) {
  switch (scenario.executor_case()) {
    case v1::Scenario::kConstantArrivalRate:
      return scenario.constant_arrival_rate().duration_ns();
    case v1::Scenario::kConstantVus:
      return scenario.constant_vus().duration_ns();
    case v1::Scenario::kRampingArrivalRate:
      return SumOf(scenario.ramping_arrival_rate().stages());
    case v1::Scenario::kRampingVus:
      return SumOf(scenario.ramping_vus().stages());
    case v1::Scenario::kPerVuIterations:
      return scenario.per_vu_iterations().max_duration_ns();
    case v1::Scenario::kSharedIterations:
      return scenario.shared_iterations().max_duration_ns();
    default:
      return 0;
  }
}

Nanos LoadDuration(const v1::Plan& plan) {
  Nanos longest = 0;
  for (const v1::Scenario& scenario : plan.scenarios()) {
    longest = std::max<Nanos>(longest, scenario.start_time_ns() + LoadDuration(scenario));
  }
  return longest;
}

Nanos GracefulStop(const v1::Plan& plan) {
  Nanos longest = 0;
  for (const v1::Scenario& scenario : plan.scenarios()) {
    longest = std::max<Nanos>(longest, scenario.graceful_stop_ns());
  }
  return longest;
}

bool UsesTls(const v1::Plan& plan) {
  const std::vector<const v1::Request*> requests = RequestsOf(plan);
  return std::any_of(requests.begin(), requests.end(), [](const v1::Request* request) {
    return request->origin().scheme() == v1::SCHEME_HTTPS;
  });
}

double PlannedRate(const v1::Plan& plan) {
  double sum = 0;
  for (const v1::Scenario& scenario : plan.scenarios()) sum += MeanRate(scenario);
  return sum;
}

double PlannedRequestRate(const v1::Plan& plan) {
  double sum = 0;
  for (const v1::Scenario& scenario : plan.scenarios()) {
    if (OpenModelOf(scenario) == nullptr) continue;
    sum += MeanRate(scenario) * RequestsPerIteration(plan, scenario);
  }
  return sum;
}

double PlannedRequestRate(const v1::Plan& plan, Nanos duration) {
  long double requests = 0;
  for (const v1::Scenario& scenario : plan.scenarios()) {
    const Nanos own = duration - scenario.start_time_ns();
    if (OpenModelOf(scenario) == nullptr || own <= 0) continue;
    requests += MeanArrivalsBefore(ArrivalSchedule::Of(scenario), own) *
                static_cast<long double>(RequestsPerIteration(plan, scenario));
  }
  return static_cast<double>(requests * kSecond / static_cast<long double>(duration));
}

}  // namespace loadfleet
