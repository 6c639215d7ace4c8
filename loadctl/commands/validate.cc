// `loadctl validate`: everything that is wrong with a plan, without a master.
#include <iostream>
#include <memory>

#include "common/plan/compile.h"
#include "common/report/format.h"
#include "loadctl/commands/command.h"
#include "loadctl/plan_source/plan_flags.h"

namespace loadfleet {
namespace {

ExitCode Execute(const PlanFlags& flags) {
  absl::StatusOr<v1::PlanSource> source = ToPlanSource(flags, ProcessEnvironment);
  if (!source.ok()) return Fail(source.status());
  const CompiledPlan compiled = CompilePlan(*source);
  if (!compiled.problems.empty()) {
    return FailWithProblems({compiled.problems.begin(), compiled.problems.end()});
  }
  const int scenarios = compiled.plan.scenarios_size();
  std::cout << "valid: " << Printable(compiled.secrets.Hide(compiled.plan.name())) << ", "
            << scenarios << (scenarios == 1 ? " scenario\n" : " scenarios\n");
  return ExitCode::kPassed;
}

}  // namespace

Command AddValidateCommand(CLI::App& root) {
  CLI::App* app = root.add_subcommand("validate", "Check a plan; needs no master");
  const auto flags = std::make_shared<PlanFlags>();
  AddPlanFlags(app, flags.get());
  AddExamples(app, {"loadctl validate plan.yaml",
                    "loadctl validate plan.yaml --set scenarios.orders.rate=50/s"});
  return {app, [flags] { return Execute(*flags); }};
}

}  // namespace loadfleet
