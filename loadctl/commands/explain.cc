// `loadctl explain`: what a plan will do, without sending a byte and without a master.
#include <unistd.h>

#include <iostream>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/plan/compile.h"
#include "loadctl/commands/command.h"
#include "loadctl/explain/outline_text.h"
#include "loadctl/explain/plan_outline.h"
#include "loadctl/plan_source/plan_flags.h"
#include "loadctl/terminal/screen.h"

namespace loadfleet {
namespace {

struct ExplainFlags {
  PlanFlags plan;
  uint32_t agents = 0;  // 0: not given
};

ExitCode Execute(const ExplainFlags& flags) {
  absl::StatusOr<v1::PlanSource> source = ToPlanSource(flags.plan, ProcessEnvironment);
  if (!source.ok()) return Fail(source.status());
  const CompiledPlan compiled = CompilePlan(*source);
  if (!compiled.problems.empty()) {
    return FailWithProblems({compiled.problems.begin(), compiled.problems.end()});
  }
  std::optional<uint32_t> agents;
  if (flags.agents > 0) agents = flags.agents;
  if (agents && *agents < compiled.plan.agents().min()) {
    return Fail(absl::InvalidArgumentError(
        absl::StrCat("--agents ", *agents, ": the plan starts only with ",
                     compiled.plan.agents().min(), " (agents.min)")));
  }
  const v1::Plan shown = WithoutSecrets(compiled.plan, compiled.secrets);
  std::cout << OutlineText(OutlineOf(shown, agents), {WantsColor(STDOUT_FILENO)});
  return ExitCode::kPassed;
}

}  // namespace

Command AddExplainCommand(CLI::App& root) {
  CLI::App* app =
      root.add_subcommand("explain", "Say what a plan will do, without doing it; needs no master");
  const auto flags = std::make_shared<ExplainFlags>();
  AddPlanFlags(app, &flags->plan);
  app->add_option("--agents", flags->agents,
                  "How many agents would share the load; the plan's agents.min when absent")
      ->option_text("N")
      ->check(CLI::Range(1, static_cast<int>(limits::kAgents)));
  AddExamples(app, {"loadctl explain plan.yaml --agents 5",
                    "loadctl explain --url http://localhost:8080/ --rate 20000 --duration 10m"});
  return {app, [flags] { return Execute(*flags); }};
}

}  // namespace loadfleet
