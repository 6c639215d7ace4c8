// `loadctl submit`: a plan to the master, its run on the cluster's agents, its report back here.
#include <unistd.h>

#include <memory>

#include "loadctl/commands/command.h"
#include "loadctl/commands/report_flags.h"
#include "loadctl/follow/follow_run.h"
#include "loadctl/plan_source/data_file.h"
#include "loadctl/plan_source/plan_flags.h"

namespace loadfleet {
namespace {

struct SubmitFlags {
  PlanFlags plan;
  ReportFlags report;
};

// A question needs somebody who reads it and a keyboard to answer on.
OnInterrupt InterruptsMean() {
  return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 ? OnInterrupt::kAsk
                                                                 : OnInterrupt::kStop;
}

ExitCode Execute(const SubmitFlags& flags, const GlobalFlags& globals) {
  absl::StatusOr<v1::PlanSource> source = ToPlanSource(flags.plan, ProcessEnvironment);
  if (!source.ok()) return Fail(source.status());
  if (const auto exit_code = FailUnlessUtf8(*source)) return *exit_code;
  absl::StatusOr<std::vector<OutputFile>> files =
      PrepareOutputs(flags.report, *source, flags.plan.plan);
  if (!files.ok()) return Fail(files.status());

  const Interrupts interrupts = Interrupts::OfProcess();
  absl::StatusOr<ApiClient> client = ConnectToMaster(globals);
  if (!client.ok()) return Fail(client.status());
  if (absl::Status status = UploadData(*client, flags.plan.plan, *source, interrupts);
      !status.ok()) {
    return Fail(status);
  }
  const absl::StatusOr<v1::SubmitReply> submitted = client->Submit(*source);
  if (!submitted.ok()) return Fail(submitted.status());
  if (!submitted->problems().empty()) return FailWithProblems(submitted->problems());
  const std::unique_ptr<Progress> progress = MakeProgress(flags.report);
  const absl::StatusOr<v1::Report> report =
      FollowRun(*client, submitted->run_id(), InterruptsMean(), interrupts, *progress);
  if (!report.ok()) return Fail(report.status());
  return Deliver(*report, *files, flags.report);
}

}  // namespace

Command AddSubmitCommand(CLI::App& root, const GlobalFlags& globals) {
  CLI::App* app =
      root.add_subcommand("submit", "Run a plan or load a URL from the agents of a cluster");
  const auto flags = std::make_shared<SubmitFlags>();
  AddPlanFlags(app, &flags->plan);
  AddReportFlags(app, &flags->report);
  AddExamples(app, {"loadctl --master 10.0.0.5:7070 submit plan.yaml",
                    "loadctl submit plan.yaml --name nightly --label git=$(git rev-parse HEAD) "
                    "--out report.json"});
  return {app, [flags, &globals] { return Execute(*flags, globals); }};
}

}  // namespace loadfleet
