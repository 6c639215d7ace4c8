#include "loadctl/outputs/output_file.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/report/hdr_log.h"
#include "common/report/html/summary_html.h"
#include "common/report/junit_xml.h"
#include "common/report/summary_json.h"
#include "common/report/summary_markdown.h"
#include "common/report/summary_text.h"
#include "common/report/timeline_csv.h"
#include "loadctl/outputs/atomic_file.h"

namespace loadfleet {
namespace {

absl::StatusOr<std::string> Json(const v1::Report& report) {
  absl::StatusOr<std::string> text = SummaryJson(report, JsonLayout::kIndented);
  if (text.ok()) text->push_back('\n');
  return text;
}

absl::StatusOr<std::string> Text(const v1::Report& report) {
  return SummaryText(report, {});
}

absl::StatusOr<std::string> Junit(const v1::Report& report) {
  return JunitXml(report);
}

}  // namespace

struct OutputFile::Format {
  absl::string_view name;  // in a plan
  absl::string_view ending;
  Render render;
};

const OutputFile::Format OutputFile::kFormats[] = {
    {"csv", ".csv", TimelineCsv},
    {"hgrm", ".hgrm", HdrPercentiles},
    {"hlog", ".hlog", HdrLog},
    {"html", ".html", SummaryHtml},
    {"json", ".json", Json},
    {"junit", ".xml", Junit},
    {"markdown", ".md", SummaryMarkdown},
    {"text", ".txt", Text},
};

absl::StatusOr<OutputFile> OutputFile::Prepare(const std::string& path) {
  std::string known;
  for (const Format& format : kFormats) {
    if (absl::EndsWith(path, format.ending)) return Prepare(format.name, path);
    absl::StrAppend(&known, known.empty() ? "" : ", ", format.ending);
  }
  return absl::InvalidArgumentError(absl::StrCat("--out ", path, ": this version writes ", known));
}

absl::StatusOr<OutputFile> OutputFile::Prepare(absl::string_view format, const std::string& path) {
  if (absl::Status status = CheckWritable(path); !status.ok()) return status;
  for (const Format& known : kFormats) {
    if (known.name == format) return OutputFile(path, known.render);
  }
  return absl::InvalidArgumentError(absl::StrCat("no output has the format ", format));
}

absl::Status OutputFile::Write(const v1::Report& report) const {
  absl::StatusOr<std::string> content = render_(report);
  if (!content.ok()) return content.status();
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

absl::StatusOr<std::vector<OutputFile>> PrepareOutputs(const std::vector<std::string>& paths,
                                                       const v1::Plan& plan,
                                                       const std::string& plan_path) {
  absl::StatusOr<std::vector<OutputFile>> files = PrepareOutputs(paths);
  if (!files.ok()) return files;
  const std::filesystem::path folder = std::filesystem::path(plan_path).parent_path();
  for (const v1::Output& output : plan.outputs()) {
    absl::StatusOr<OutputFile> file = OutputFile::Prepare(output.format(), folder / output.file());
    if (!file.ok()) return file.status();
    files->push_back(*std::move(file));
  }
  return files;
}

}  // namespace loadfleet
