#include "agent/schedule/vu_plan.h"

#include <algorithm>

#include "common/plan_shape.h"

namespace loadfleet {

VuPlan VuPlan::Of(const v1::Scenario& scenario) {
  VuPlan plan;
  plan.vus = MostVus(scenario);
  plan.duration = LoadDuration(scenario);
  plan.pace = scenario.pace_ns();
  plan.most_iterations = scenario.most_iterations();
  switch (scenario.executor_case()) {
    case v1::Scenario::kRampingVus:
      plan.active.emplace(scenario.ramping_vus().start_vus());
      for (const v1::VuStage& stage : scenario.ramping_vus().stages()) {
        plan.active->Append(stage.duration_ns(), stage.target());
      }
      break;
    case v1::Scenario::kPerVuIterations:
      plan.iterations = scenario.per_vu_iterations().iterations();
      break;
    case v1::Scenario::kSharedIterations:
      plan.iterations = scenario.shared_iterations().iterations();
      plan.shared = true;
      break;
    default:
      break;
  }
  return plan;
}

}  // namespace loadfleet
