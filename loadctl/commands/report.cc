// `loadctl report`: the report of a run that has ended, from the master's store.
#include <unistd.h>

#include <iostream>
#include <memory>

#include "common/report/summary_json.h"
#include "common/report/summary_text.h"
#include "loadctl/client/api_client.h"
#include "loadctl/commands/command.h"
#include "loadctl/outputs/output_file.h"
#include "loadctl/terminal/screen.h"

namespace loadfleet {
namespace {

struct StoredReportFlags {
  std::string run;
  std::vector<std::string> out;
  bool json = false;
};

ExitCode Execute(const StoredReportFlags& flags, const GlobalFlags& globals) {
  const absl::StatusOr<std::vector<OutputFile>> files = PrepareOutputs(flags.out);
  if (!files.ok()) return Fail(files.status());
  absl::StatusOr<ApiClient> client = ConnectToMaster(globals);
  if (!client.ok()) return Fail(client.status());
  const absl::StatusOr<v1::Report> report = client->GetReport(flags.run);
  if (!report.ok()) return Fail(report.status());
  for (const OutputFile& file : *files) {
    if (absl::Status status = file.Write(*report); !status.ok()) return Fail(status);
  }
  const absl::StatusOr<std::string> text =
      flags.json ? SummaryJson(*report, JsonLayout::kIndented)
                 : SummaryText(*report, TextStyle{WantsColor(STDOUT_FILENO)});
  if (!text.ok()) return Fail(text.status());
  std::cout << *text << (flags.json ? "\n" : "");
  return ExitCode::kPassed;
}

}  // namespace

Command AddReportCommand(CLI::App& root, const GlobalFlags& globals) {
  CLI::App* app = root.add_subcommand(
      "report", "Show the report of a run that has ended. Exits with 0 whatever its verdict");
  const auto flags = std::make_shared<StoredReportFlags>();
  app->add_option("RUN", flags->run, "The newest one when absent")->option_text(" ");
  app->add_option("--out", flags->out,
                  "Also write it to FILE; its ending says how: .json, .txt, .md, .xml for JUnit "
                  "(repeatable)")
      ->option_text("FILE")
      ->allow_extra_args(false);
  app->add_flag("--json", flags->json, "The JSON summary instead of text");
  AddExamples(app, {"loadctl report", "loadctl report r-0007 --out report.json"});
  return {app, [flags, &globals] { return Execute(*flags, globals); }};
}

}  // namespace loadfleet
