// `loadctl run`: a master, an agent and the same client as `submit`, all in this process.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/agent.h"
#include "common/plan/compile.h"
#include "loadctl/commands/command.h"
#include "loadctl/commands/report_flags.h"
#include "loadctl/follow/follow_run.h"
#include "loadctl/once/do_once.h"
#include "loadctl/plan_source/data_file.h"
#include "loadctl/plan_source/plan_flags.h"
#include "master/master.h"

namespace loadfleet {
namespace {

// The agent of this process registers within milliseconds.
constexpr Nanos kAgentPatience = 5 * kSecond;

struct RunFlags {
  PlanFlags plan;
  ReportFlags report;
  uint32_t workers = 0;
  bool once = false;
  std::vector<std::string> source_addresses;
};

// The one agent here is all there is, whatever fleet the plan was written for.
void ForOneAgent(v1::PlanSource* source) {
  const auto set = [source](const char* key, const char* value) {
    v1::Override* change = source->add_overrides();
    change->add_path("agents");
    change->add_path(key);
    change->set_value(value);
    change->set_origin("loadctl run");
  };
  set("min", "1");
  set("selector", "null");
}

ExitCode Execute(const RunFlags& flags) {
  absl::StatusOr<v1::PlanSource> source = ToPlanSource(flags.plan, ProcessEnvironment);
  if (!source.ok()) return Fail(source.status());
  if (const auto exit_code = FailUnlessUtf8(*source)) return *exit_code;
  ForOneAgent(&*source);
  std::optional<CompiledPlan> once;
  absl::StatusOr<std::vector<OutputFile>> files = std::vector<OutputFile>();
  if (flags.once) {  // which writes no report
    once = CompilePlan(*source);
    if (!once->problems.empty()) {
      return FailWithProblems({once->problems.begin(), once->problems.end()});
    }
  } else {
    files = PrepareOutputs(flags.report, *source, flags.plan.plan);
    if (!files.ok()) return Fail(files.status());
  }

  const Interrupts interrupts = Interrupts::OfProcess();
  absl::StatusOr<std::unique_ptr<Master>> master = Master::Start({}, SystemClock());
  if (!master.ok()) return Fail(master.status());
  AgentOptions options;
  options.name = "local";
  options.workers = flags.workers;
  options.any_target = true;
  options.source_addresses = flags.source_addresses;
  const absl::StatusOr<std::unique_ptr<Agent>> agent = Agent::Start(
      options, [&master] { return (*master)->InProcessChannel(); }, SystemClock());
  if (!agent.ok()) return Fail(agent.status());

  ApiClient client((*master)->InProcessChannel(), "(this process)");
  if (absl::Status status = UploadData(client, flags.plan.plan, *source, interrupts);
      !status.ok()) {
    return Fail(status);
  }
  if (once) return DoOnce(**master, *once, kAgentPatience, interrupts);
  const absl::StatusOr<v1::SubmitReply> submitted =
      SubmitWhenReady(client, *source, kAgentPatience, interrupts, SystemClock());
  if (!submitted.ok()) return Fail(submitted.status());
  if (!submitted->problems().empty()) return FailWithProblems(submitted->problems());
  const std::unique_ptr<Progress> progress = MakeProgress(flags.report);
  const absl::StatusOr<v1::Report> report =
      FollowRun(client, submitted->run_id(), OnInterrupt::kStop, interrupts, *progress);
  if (!report.ok()) return Fail(report.status());
  return Deliver(*report, *files, flags.report);
}

}  // namespace

Command AddRunCommand(CLI::App& root) {
  CLI::App* app =
      root.add_subcommand("run", "Run a plan or load a URL from this machine, without any daemon");
  const auto flags = std::make_shared<RunFlags>();
  AddPlanFlags(app, &flags->plan);
  app->add_option("--workers", flags->workers, "Threads that send load; one per core when absent")
      ->option_text("N")
      ->check(CLI::Range(1, 1024));
  app->add_option("--source-address", flags->source_addresses,
                  "Where connections come from, in turn (repeatable)")
      ->option_text("ADDRESS")
      ->allow_extra_args(false);
  AddReportFlags(app, &flags->report);
  CLI::Option* const once = app->add_flag(
      "--once", flags->once,
      "No load: do every flow once, setup first and teardown last, and print what is sent and "
      "what comes back");
  for (const char* report : {"--out", "--quiet", "--json"}) once->excludes(report);
  AddExamples(
      app, {"loadctl run plan.yaml", "loadctl run plan.yaml --set duration=10s --out report.json",
            "loadctl run plan.yaml --once",
            "loadctl run --url http://localhost:8080/ping --rate 5000 --duration 30s"});
  return {app, [flags] { return Execute(*flags); }};
}

}  // namespace loadfleet
