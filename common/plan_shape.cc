#include "common/plan_shape.h"

#include <algorithm>

#include "common/schedule/arrival_schedule.h"

namespace loadfleet {

std::string RequestName(const v1::Plan& plan, uint32_t index) {
  for (const v1::Flow& flow : plan.flows()) {
    for (const v1::Step& step : flow.steps()) {
      if (step.request().index() == index) return step.request().name();
    }
  }
  return "";
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
    longest = std::max(longest, LoadDuration(scenario));
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

v1::Plan WithoutSecrets(v1::Plan plan) {
  plan.mutable_tls()->clear_key();
  return plan;
}

bool UsesTls(const v1::Plan& plan) {
  for (const v1::Flow& flow : plan.flows()) {
    for (const v1::Step& step : flow.steps()) {
      if (step.request().origin().scheme() == v1::SCHEME_HTTPS) return true;
    }
  }
  return false;
}

double PlannedRate(const v1::Plan& plan) {
  double sum = 0;
  for (const v1::Scenario& scenario : plan.scenarios()) sum += MeanRate(scenario);
  return sum;
}

double PlannedRate(const v1::Plan& plan, Nanos duration) {
  long double arrivals = 0;
  for (const v1::Scenario& scenario : plan.scenarios()) {
    if (OpenModelOf(scenario) == nullptr) continue;
    arrivals += ArrivalSchedule::Of(scenario).ExpectedBefore(duration);
  }
  return static_cast<double>(arrivals * kSecond / static_cast<long double>(duration));
}

}  // namespace loadfleet
