// `loadctl watch`: look at a run that somebody submitted, until its report.
#include <memory>

#include "loadctl/commands/command.h"
#include "loadctl/commands/report_flags.h"
#include "loadctl/follow/follow_run.h"

namespace loadfleet {
namespace {

struct WatchFlags {
  std::string run;
  ReportFlags report;
};

ExitCode Execute(const WatchFlags& flags, const GlobalFlags& globals) {
  absl::StatusOr<std::vector<OutputFile>> files = PrepareOutputs(flags.report.out);
  if (!files.ok()) return Fail(files.status());
  const Interrupts interrupts = Interrupts::OfProcess();
  absl::StatusOr<ApiClient> client = ConnectToMaster(globals);
  if (!client.ok()) return Fail(client.status());
  const std::unique_ptr<Progress> progress = MakeProgress(flags.report);
  const absl::StatusOr<v1::Report> report =
      FollowRun(*client, flags.run, OnInterrupt::kLeave, interrupts, *progress);
  if (!report.ok()) return Fail(report.status());
  return Deliver(*report, *files, flags.report);
}

}  // namespace

Command AddWatchCommand(CLI::App& root, const GlobalFlags& globals) {
  CLI::App* app = root.add_subcommand(
      "watch", "Watch a run until its report; Ctrl-C leaves it alone. Exits with its verdict");
  const auto flags = std::make_shared<WatchFlags>();
  app->add_option("RUN", flags->run, "The newest one when absent")->option_text(" ");
  AddReportFlags(app, &flags->report);
  AddExamples(app, {"loadctl watch", "loadctl watch r-0007 --json"});
  return {app, [flags, &globals] { return Execute(*flags, globals); }};
}

}  // namespace loadfleet
