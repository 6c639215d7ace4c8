#include "common/report/summary_markdown.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/plan_shape.h"
#include "common/report/failure_table.h"
#include "common/report/format.h"
#include "common/report/measured.h"
#include "common/report/trace_table.h"
#include "common/stats/outcome.h"
#include "common/threshold_text.h"

namespace loadfleet {
namespace {

using Cells = std::vector<std::string>;

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

void AppendRow(const Cells& cells, std::string* out) {
  absl::StrAppend(out, "| ", absl::StrJoin(cells, " | "), " |\n");
}

// The first column is text, the others are numbers.
void AppendHeadings(const Cells& headings, std::string* out) {
  absl::StrAppend(out, "\n");
  AppendRow(headings, out);
  absl::StrAppend(out, "|---|");
  for (size_t i = 1; i < headings.size(); ++i) absl::StrAppend(out, "---:|");
  absl::StrAppend(out, "\n");
}

void AppendThresholds(const v1::Report& report, std::string* out) {
  if (report.thresholds().empty()) return;
  AppendHeadings({"threshold", "must be", "was", ""}, out);
  for (const v1::ThresholdResult& result : report.thresholds()) {
    AppendRow({Plain(result.metric()), Plain(result.expr()), Plain(FormatThresholdValue(result)),
               result.ok() ? "ok" : "**failed**"},
              out);
  }
}

std::string Cell(const Distribution& distribution, size_t quantile) {
  const bool any = distribution.count + distribution.censored > 0;
  return any ? Plain(FormatQuantile(distribution.quantiles[quantile])) : "-";
}

void AppendTimes(const Measured& total, std::string* out) {
  Cells headings = {""};
  for (const ReportedQuantile& quantile : kReportedQuantiles) {
    headings.emplace_back(quantile.text);
  }
  AppendHeadings(headings, out);
  const auto row = [out](const char* label, const Distribution& distribution) {
    Cells cells = {label};
    for (size_t i = 0; i < kReportedQuantiles.size(); ++i) cells.push_back(Cell(distribution, i));
    AppendRow(cells, out);
  };
  row("response time", total.response_time);
  row("service time", total.service_time);
  row("queue wait", total.queue_wait);
  row("lateness", total.lateness);
}

// Completed, failed, p50, p99 and maximum of each.
template <typename Parts, typename NameOf>
absl::Status AppendParts(const char* what, const Parts& parts, const NameOf& name_of,
                         std::string* out) {
  if (parts.empty()) return absl::OkStatus();
  AppendHeadings({what, "completed", "failed", "p50", "p99", "max"}, out);
  for (const auto& part : parts) {
    absl::StatusOr<Measured> one = Measure(part.totals());
    if (!one.ok()) return one.status();
    AppendRow({Plain(name_of(part)), FormatCount(one->stats.Completed()),
               FormatCount(one->stats.Failed()), Cell(one->response_time, 0),
               Cell(one->response_time, 3), Cell(one->response_time, 5)},
              out);
  }
  return absl::OkStatus();
}

void AppendFailureRows(const v1::Report& report, std::string* out) {
  constexpr size_t kRows = 20;
  constexpr size_t kSeenColumns = 200;
  const std::vector<FailureExample> examples = FailureExamples(report);
  if (examples.empty()) return;
  absl::StrAppend(out, "\n| failure | request | agent | such as |\n|---|---|---|---|\n");
  for (size_t i = 0; i < std::min(kRows, examples.size()); ++i) {
    AppendRow({Plain(examples[i].kind), Plain(examples[i].request), Plain(examples[i].agent),
               Plain(Shortened(examples[i].seen, kSeenColumns))},
              out);
  }
}

void AppendTraced(const v1::Report& report, std::string* out) {
  constexpr size_t kRows = 10;
  if (report.traces().empty()) return;
  AppendHeadings({"slowest traced", "trace id", "agent", "at", "response time", "outcome"}, out);
  for (const v1::TracedRequest* traced : SlowestTraced(report, kRows)) {
    AppendRow({Plain(RequestName(report.plan(), traced->request())), TraceIdText(*traced),
               Plain(traced->agent_id()), absl::StrCat(traced->second(), "s"),
               FormatMicros(static_cast<double>(traced->response_time_us())),
               Plain(std::string(OutcomeName(static_cast<Outcome>(traced->outcome()))))},
              out);
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
  AppendThresholds(report, &out);
  AppendTimes(*total, &out);
  absl::Status status = AppendParts(
      "stage", report.stages(),
      [](const v1::StageReport& stage) {
        return absl::StrCat(
            stage.scenario(), "/",
            stage.stage().empty() ? absl::StrCat("stage ", stage.index() + 1) : stage.stage(),
            stage.measured() ? "" : " (not measured)");
      },
      &out);
  status.Update(AppendParts(
      "request", report.requests(),
      [](const v1::RequestReport& request) {
        return absl::StrCat(request.scenario(), "/", request.request());
      },
      &out));
  if (!status.ok()) return status;
  AppendFailureRows(report, &out);
  AppendTraced(report, &out);
  return out;
}

}  // namespace loadfleet
