#include "loadctl/commands/report_flags.h"

#include <sys/stat.h>
#include <unistd.h>

#include <iostream>

#include "absl/strings/ascii.h"
#include "common/clock.h"
#include "common/plan/compile.h"
#include "common/report/format.h"
#include "common/report/measured.h"
#include "common/report/summary_json.h"
#include "common/report/summary_text.h"
#include "loadctl/client/exit_codes.h"
#include "loadctl/commands/command.h"
#include "loadctl/terminal/screen.h"

namespace loadfleet {
namespace {

absl::Status Print(const v1::Report& report, bool json) {
  absl::StatusOr<std::string> text =
      json ? SummaryJson(report, JsonLayout::kOneLine)
           : SummaryText(report, TextStyle{WantsColor(STDOUT_FILENO)});
  if (!text.ok()) return text.status();
  if (json) text->push_back('\n');
  std::cout << *text << std::flush;
  return std::cout.good() ? absl::OkStatus()
                          : absl::UnknownError("cannot write to standard output");
}

// Whether the report goes elsewhere than the messages: into a file or a pipe of its own.
bool ReportIsApart() {
  struct stat out {};
  struct stat err {};
  if (fstat(STDOUT_FILENO, &out) != 0 || fstat(STDERR_FILENO, &err) != 0) return false;
  return out.st_dev != err.st_dev || out.st_ino != err.st_ino;
}

// Then the terminal still shows how it ended.
void PrintVerdict(const v1::Report& report) {
  std::cerr << absl::AsciiStrToUpper(std::string(VerdictName(report.verdict()))) << "  "
            << Printable(report.name()) << "  (" << Printable(report.run_id()) << ")\n";
}

}  // namespace

void AddReportFlags(CLI::App* app, ReportFlags* flags) {
  app->add_option("--out", flags->out,
                  "Write the report to FILE when the run has ended; its ending says how: .json, "
                  ".txt, .md, .xml for JUnit (repeatable)")
      ->option_text("FILE")
      ->allow_extra_args(false);
  app->add_flag("--quiet", flags->quiet, "No progress, only the report");
  app->add_flag("--json", flags->json,
                "One JSON object a second on standard output, and the summary as the last one; "
                "with --quiet the summary alone");
}

absl::StatusOr<std::vector<OutputFile>> PrepareOutputs(const ReportFlags& flags,
                                                       const v1::PlanSource& source,
                                                       const std::string& plan_path) {
  const CompiledPlan compiled = CompilePlan(source);
  if (!compiled.problems.empty()) return PrepareOutputs(flags.out);
  return PrepareOutputs(flags.out, compiled.plan, plan_path);
}

std::unique_ptr<Progress> MakeProgress(const ReportFlags& flags) {
  if (flags.quiet) return QuietProgress(std::cerr);
  if (flags.json) return JsonProgress(std::cout, std::cerr);
  if (!IsScreen(STDERR_FILENO)) return LineProgress(std::cerr, SystemClock());
  return RedrawnProgress(std::cerr, [] { return ScreenColumns(STDERR_FILENO); });
}

ExitCode Deliver(const v1::Report& report, const std::vector<OutputFile>& files,
                 const ReportFlags& flags) {
  ExitCode code = ExitCodeOf(report.verdict());
  const auto note = [&code](const absl::Status& status) {
    if (status.ok()) return;
    const ExitCode error = Fail(status);
    if (code == ExitCode::kPassed) code = error;
  };
  for (const OutputFile& file : files) note(file.Write(report));
  note(Print(report, flags.json));
  if (!flags.quiet && ReportIsApart()) PrintVerdict(report);
  return code;
}

}  // namespace loadfleet
