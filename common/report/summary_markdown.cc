#include "common/report/summary_markdown.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/report/format.h"
#include "common/report/measured.h"
#include "common/report/tables.h"

namespace loadfleet {
namespace {

// More than these are in the JSON summary.
constexpr size_t kFailures = 20;
constexpr size_t kTraces = 10;

// Text of a plan or a target that is to be read and not to be obeyed.
std::string Plain(const std::string& text) {
  std::string plain;
  for (const char c : Printable(text)) {
    if (absl::ascii_ispunct(static_cast<unsigned char>(c)) && c != '.' && c != ',' && c != '/' &&
        c != '%' && c != ':' && c != '=') {
      plain.push_back('\\');
    }
    plain.push_back(c);
  }
  return plain;
}

void AppendTable(const ReportTable& table, std::string* out) {
  if (table.empty()) return;
  absl::StrAppend(out, "\n| ", absl::StrJoin(table.headings, " | "), " |\n|");
  for (size_t i = 0; i < table.headings.size(); ++i) {
    absl::StrAppend(out, i < table.texts ? "---|" : "---:|");
  }
  absl::StrAppend(out, "\n");
  for (const std::vector<TableCell>& row : table.rows) {
    absl::StrAppend(out, "|");
    for (const TableCell& cell : row) {
      const std::string text = cell.text == "-" ? cell.text : Plain(cell.text);
      const absl::string_view around = cell.bad ? "**" : "";
      absl::StrAppend(out, " ", around, text, around, " |");
    }
    absl::StrAppend(out, "\n");
  }
}

void AppendHead(const v1::Report& report, const Measured& total, std::string* out) {
  absl::StrAppend(out, "## ", absl::AsciiStrToUpper(std::string(VerdictName(report.verdict()))),
                  ": ", Plain(report.name()), "\n\n");
  for (const std::string& reason : report.reasons()) {
    absl::StrAppend(out, "- because ", Plain(reason), "\n");
  }
  for (const std::string& note : report.notes()) {
    absl::StrAppend(out, "- note: ", Plain(note), "\n");
  }
  if (report.planned_rate() > 0) {
    const double achieved = report.has_planned_achieved_rate() ? report.planned_achieved_rate()
                                                               : report.achieved_rate();
    absl::StrAppend(out, "- rate: planned ", FormatRate(report.planned_rate()), "/s, achieved ",
                    FormatRate(achieved), "/s\n");
  }
  if (report.planned_rate() <= 0 || report.has_planned_achieved_rate()) {
    const double closed = report.achieved_rate() - report.planned_achieved_rate();
    absl::StrAppend(out, "- rate of the closed model: ", FormatRate(closed), "/s\n");
  }
  absl::StrAppend(out, "- requests in ", FormatElapsed(report.duration_ns()), ": intended ",
                  FormatCount(total.arrivals.intended), ", completed ",
                  FormatCount(total.stats.Completed()), ", failed ",
                  FormatCount(total.stats.Failed()), ", dropped ",
                  FormatCount(total.arrivals.Dropped()), "\n");
}

}  // namespace

absl::StatusOr<std::string> SummaryMarkdown(const v1::Report& report) {
  absl::StatusOr<Measured> total = Measure(report.total());
  if (!total.ok()) return total.status();
  std::string out;
  AppendHead(report, *total, &out);
  const absl::StatusOr<ReportTable> stages = StageTable(report);
  if (!stages.ok()) return stages.status();
  const absl::StatusOr<ReportTable> requests = RequestTable(report);
  if (!requests.ok()) return requests.status();
  AppendTable(ThresholdTable(report), &out);
  AppendTable(TimeTable(*total), &out);
  AppendTable(*stages, &out);
  AppendTable(*requests, &out);
  AppendTable(FailureTable(report, kFailures), &out);
  AppendTable(TraceTable(report, kTraces), &out);
  return out;
}

}  // namespace loadfleet
