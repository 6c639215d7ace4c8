#include "common/plan_shape.h"

#include <algorithm>

namespace loadfleet {

std::string RequestName(const v1::Plan& plan, uint32_t index) {
  for (const v1::Flow& flow : plan.flows()) {
    for (const v1::Step& step : flow.steps()) {
      if (step.request().index() == index) return step.request().name();
    }
  }
  return "";
}

Nanos LoadDuration(const v1::Scenario& scenario) {
  return scenario.has_constant_vus() ? scenario.constant_vus().duration_ns()
                                     : scenario.constant_arrival_rate().duration_ns();
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
  for (const v1::Scenario& scenario : plan.scenarios()) {
    if (!scenario.has_constant_arrival_rate()) continue;
    const v1::Rate& rate = scenario.constant_arrival_rate().rate();
    sum += static_cast<double>(rate.count()) * kSecond / static_cast<double>(rate.period_ns());
  }
  return sum;
}

}  // namespace loadfleet
