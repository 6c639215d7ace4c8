// `--out FILE` and a plan's `outputs`: a run's report in a file.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loadfleet/v1/plan.pb.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

class OutputFile {
 public:
  // Before a run begins. INVALID_ARGUMENT: an ending that no renderer has, or a place where nothing
  // can be written.
  static absl::StatusOr<OutputFile> Prepare(const std::string& path);
  // Likewise; `format` as a plan has it, whatever the ending.
  static absl::StatusOr<OutputFile> Prepare(absl::string_view format, const std::string& path);

  const std::string& path() const { return path_; }

  // All or nothing, as WriteAtomically. DATA_LOSS: the report is not what a master writes.
  absl::Status Write(const v1::Report& report) const;

 private:
  using Render = absl::StatusOr<std::string> (*)(const v1::Report& report);
  struct Format;
  static const Format kFormats[];
  OutputFile(std::string path, Render render) : path_(std::move(path)), render_(render) {}

  std::string path_;
  Render render_;
};

// The first error, if any.
absl::StatusOr<std::vector<OutputFile>> PrepareOutputs(const std::vector<std::string>& paths);

// Those of `paths`, and those that the plan names, relative to the folder of `plan_path`.
absl::StatusOr<std::vector<OutputFile>> PrepareOutputs(const std::vector<std::string>& paths,
                                                       const v1::Plan& plan,
                                                       const std::string& plan_path);

}  // namespace loadfleet
