// Flows for the tests of executors.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "agent/engine/run_plan.h"
#include "common/plan/compile.h"

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

// A plan made ready as an agent does it, with all slots.
inline std::unique_ptr<RunPlan> PreparedPlan(const std::string& yaml) {
  v1::PlanSource source;
  source.set_name("plan.yaml");
  source.set_text(yaml);
  CompiledPlan compiled = CompilePlan(source);
  for (const v1::Problem& problem : compiled.problems) ADD_FAILURE() << FormatProblem(problem);
  v1::Prepare prepare;
  prepare.mutable_assignment()->set_run_id("r-0001");
  prepare.mutable_assignment()->set_slots(SlotSet::All().ToBitmap());
  *prepare.mutable_plan() = compiled.plan;
  auto plan = PrepareRun(prepare, NetworkPolicy());
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *std::move(plan) : nullptr;
}

}  // namespace loadfleet
