// `--out FILE`: a run's report in a file whose format follows its ending.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

class OutputFile {
 public:
  // Before a run begins. INVALID_ARGUMENT: an ending that no renderer has, or a place where nothing
  // can be written.
  static absl::StatusOr<OutputFile> Prepare(const std::string& path);

  const std::string& path() const { return path_; }

  // All or nothing, as WriteAtomically. DATA_LOSS: the report is not what a master writes.
  absl::Status Write(const v1::Report& report) const;

 private:
  enum class Format { kJson, kText };
  OutputFile(std::string path, Format format) : path_(std::move(path)), format_(format) {}

  std::string path_;
  Format format_;
};

// The first error, if any.
absl::StatusOr<std::vector<OutputFile>> PrepareOutputs(const std::vector<std::string>& paths);

}  // namespace loadfleet
