#include "loadctl/outputs/output_file.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/report/summary_json.h"
#include "common/report/summary_text.h"
#include "loadctl/outputs/atomic_file.h"

namespace loadfleet {

absl::StatusOr<OutputFile> OutputFile::Prepare(const std::string& path) {
  Format format = Format::kJson;
  if (absl::EndsWith(path, ".txt")) {
    format = Format::kText;
  } else if (!absl::EndsWith(path, ".json")) {
    return absl::InvalidArgumentError(
        absl::StrCat("--out ", path, ": this version writes .json and .txt"));
  }
  if (absl::Status status = CheckWritable(path); !status.ok()) return status;
  return OutputFile(path, format);
}

absl::Status OutputFile::Write(const v1::Report& report) const {
  absl::StatusOr<std::string> content = format_ == Format::kJson
                                            ? SummaryJson(report, JsonLayout::kIndented)
                                            : SummaryText(report, {});
  if (!content.ok()) return content.status();
  if (format_ == Format::kJson) content->push_back('\n');
  return WriteAtomically(path_, *content);
}

absl::StatusOr<std::vector<OutputFile>> PrepareOutputs(const std::vector<std::string>& paths) {
  std::vector<OutputFile> files;
  for (const std::string& path : paths) {
    absl::StatusOr<OutputFile> file = OutputFile::Prepare(path);
    if (!file.ok()) return file.status();
    files.push_back(*std::move(file));
  }
  return files;
}

}  // namespace loadfleet
