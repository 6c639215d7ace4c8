// Flows for the tests of executors.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "agent/engine/run_plan.h"
#include "agent/scenario/closed_model.h"
#include "agent/scenario/open_model.h"
#include "common/plan_shape.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {

// One request and nothing else.
inline ScenarioFlows OneRequest(const RequestTemplate& request) {
  ScenarioFlows flows;
  FlowProgram& program = flows.programs.emplace_back();
  program.instructions.resize(2);
  program.instructions[0].kind = Instruction::Kind::kSend;
  program.instructions[0].request = &request;
  program.first = &request;
  flows.bounds = {1};
  return flows;
}

// A plan made ready as an agent with these slots does it; null, and a failure, when it cannot be.
inline std::unique_ptr<RunPlan> PreparedPlan(const v1::Plan& plan,
                                             const SlotSet& slots = SlotSet::All(),
                                             const std::string& agent = "") {
  v1::Prepare prepare;
  prepare.mutable_assignment()->set_run_id("r-0001");
  prepare.mutable_assignment()->set_epoch(1);
  prepare.mutable_assignment()->set_slots(slots.ToBitmap());
  *prepare.mutable_plan() = plan;
  auto prepared = PrepareRun(prepare, NetworkPolicy(), agent);
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  return prepared.ok() ? *std::move(prepared) : nullptr;
}
inline std::unique_ptr<RunPlan> PreparedPlan(const std::string& yaml) {
  return PreparedPlan(PlanOf(yaml));
}

// What starts a scenario's iterations, as a worker with these slots makes it.
inline std::unique_ptr<Executor> ExecutorOf(const RunPlan& plan, const PreparedScenario& scenario,
                                            const SlotSet& slots, const Clock& clock,
                                            DeadlineWheel& wheel,
                                            absl::Span<Transport* const> transports,
                                            Recorder& recorder,
                                            Destinations* destinations = nullptr) {
  const v1::OpenModel* open = OpenModelOf(scenario.plan);
  if (open == nullptr) {
    return std::make_unique<ClosedModelExecutor>(clock, wheel, scenario.flows, slots,
                                                 VuPlan::Of(scenario.plan), transports, recorder,
                                                 destinations);
  }
  OpenModelOptions options;
  options.max_in_flight = open->max_in_flight();
  options.on_overflow = open->on_overflow();
  options.max_lateness = scenario.max_lateness;
  std::optional<PoissonArrivals> poisson;
  if (open->arrival() == v1::ARRIVAL_POISSON) poisson.emplace(plan.seed, scenario.flows.scenario);
  return std::make_unique<OpenModelExecutor>(
      clock, scenario.flows, Stripe(ArrivalSchedule::Of(scenario.plan), slots, poisson), options,
      transports, recorder, destinations);
}

}  // namespace loadfleet
