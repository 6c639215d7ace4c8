// The flags that say where a run's numbers go, the same for `run`, `submit` and `watch`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"
#include "common/exit_code.h"
#include "loadctl/outputs/output_file.h"
#include "loadctl/terminal/progress.h"
#include "loadfleet/v1/api.pb.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

struct ReportFlags {
  std::vector<std::string> out;
  bool quiet = false;
  bool json = false;
};

// `flags` must outlive `app`.
void AddReportFlags(CLI::App* app, ReportFlags* flags);

// The files of `--out`, and those that the plan names, relative to the folder of `plan_path`. A
// plan with problems names none here: whoever is asked to run it tells them.
absl::StatusOr<std::vector<OutputFile>> PrepareOutputs(const ReportFlags& flags,
                                                       const v1::PlanSource& source,
                                                       const std::string& plan_path);

// Where snapshots go while the run lasts: standard error, or for --json standard output.
std::unique_ptr<Progress> MakeProgress(const ReportFlags& flags);

// Files first, so that they are there whatever becomes of the terminal; then the report on standard
// output: text, or for --json the summary as one more line. The verdict's exit code; that of the
// first error for a passed run whose report could not be delivered, which is also printed.
ExitCode Deliver(const v1::Report& report, const std::vector<OutputFile>& files,
                 const ReportFlags& flags);

}  // namespace loadfleet
