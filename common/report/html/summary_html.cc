#include "common/report/html/summary_html.h"

#include <vector>

#include <google/protobuf/util/json_util.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/failure_text.h"
#include "common/plan_shape.h"
#include "common/protocol.h"
#include "common/report/format.h"
#include "common/report/html/html_text.h"
#include "common/report/html/page_style.h"
#include "common/report/html/report_charts.h"
#include "common/report/measured.h"
#include "common/report/tables.h"

namespace loadfleet {
namespace {

// The rest is in the JSON summary.
constexpr size_t kFailures = 50;
constexpr int kExchanges = 20;
constexpr size_t kTraces = 50;

void AppendTable(const char* heading, const ReportTable& table, std::string* out) {
  if (table.empty()) return;
  absl::StrAppend(out, "<h2>", heading, "</h2>\n<div class=\"table\"><table><thead><tr>");
  for (size_t i = 0; i < table.headings.size(); ++i) {
    absl::StrAppend(out, i < table.texts ? "<th class=\"text\">" : "<th>",
                    HtmlText(table.headings[i]), "</th>");
  }
  absl::StrAppend(out, "</tr></thead><tbody>\n");
  for (const std::vector<TableCell>& row : table.rows) {
    absl::StrAppend(out, "<tr>");
    for (size_t i = 0; i < row.size(); ++i) {
      const absl::string_view look =
          i < table.texts ? (row[i].bad ? "text bad" : "text") : (row[i].bad ? "bad" : "");
      absl::StrAppend(out, look.empty() ? "<td>" : absl::StrCat("<td class=\"", look, "\">"),
                      HtmlText(row[i].text), "</td>");
    }
    absl::StrAppend(out, "</tr>\n");
  }
  absl::StrAppend(out, "</tbody></table></div>\n");
}

void AppendList(const google::protobuf::RepeatedPtrField<std::string>& lines, const char* look,
                std::string* out) {
  if (lines.empty()) return;
  absl::StrAppend(out, "<ul class=\"", look, "\">");
  for (const std::string& line : lines) absl::StrAppend(out, "<li>", HtmlText(line), "</li>");
  absl::StrAppend(out, "</ul>\n");
}

void AppendHead(const v1::Report& report, std::string* out) {
  const std::string verdict(VerdictName(report.verdict()));
  absl::StrAppend(out, "<h1>", HtmlText(report.name()), "</h1>\n<p><span class=\"verdict ", verdict,
                  "\">", absl::AsciiStrToUpper(verdict), "</span> <span class=\"soft\">",
                  HtmlText(report.run_id()));
  if (report.started_at_ms() > 0) {
    absl::StrAppend(out, " &middot; ", FormatUtc(report.started_at_ms()));
  }
  for (const auto& [name, value] : report.labels()) {
    absl::StrAppend(out, " &middot; ", HtmlText(name), "=", HtmlText(value));
  }
  absl::StrAppend(out, "</span></p>\n");
  AppendList(report.reasons(), "reasons", out);
  AppendList(report.notes(), "reasons soft", out);
}

void AppendFact(const char* name, const std::string& value, std::string* out) {
  absl::StrAppend(out, "<div><dt>", name, "</dt><dd>", HtmlText(value), "</dd></div>\n");
}

std::string QuantileFact(const Measured& total, size_t index) {
  const Distribution& times = total.response_time;
  return times.count + times.censored == 0 ? "-" : FormatQuantile(times.quantiles[index]);
}

void AppendFacts(const v1::Report& report, const Measured& total, std::string* out) {
  absl::StrAppend(out, "<dl class=\"facts\">\n");
  AppendFact("duration", FormatElapsed(report.duration_ns()), out);
  if (report.planned_rate() > 0) {
    AppendFact("planned", absl::StrCat(FormatRate(report.planned_rate()), "/s"), out);
  }
  AppendFact("achieved", absl::StrCat(FormatRate(report.achieved_rate()), "/s"), out);
  AppendFact("completed", FormatCount(total.stats.Completed()), out);
  AppendFact("failed", FormatCount(total.stats.Failed()), out);
  AppendFact("dropped", FormatCount(total.arrivals.Dropped()), out);
  AppendFact("response time p50", QuantileFact(total, 0), out);
  AppendFact("response time p99", QuantileFact(total, 3), out);
  AppendFact("response time max", QuantileFact(total, 5), out);
  const uint64_t checks = total.stats.checks_passed + total.stats.checks_failed;
  if (checks > 0) {
    AppendFact(
        "checks",
        FormatPercent(static_cast<double>(total.stats.checks_passed) / static_cast<double>(checks)),
        out);
  }
  AppendFact("sent", FormatBytes(static_cast<double>(total.stats.bytes_sent)), out);
  AppendFact("received", FormatBytes(static_cast<double>(total.stats.bytes_received)), out);
  AppendFact("coverage", FormatPercent(report.coverage()), out);
  AppendFact("agents", FormatCount(static_cast<uint64_t>(report.agents_size())), out);
  absl::StrAppend(out, "</dl>\n");
}

std::string BodyText(const std::string& head, const std::string& body, bool cut) {
  return absl::StrCat(HtmlLines(head), HtmlLines(body), cut ? "\n(cut)" : "");
}

// Failing exchanges as they were on the wire.
void AppendExchanges(const v1::Report& report, std::string* out) {
  for (int i = 0; i < report.failures_size() && i < kExchanges; ++i) {
    const v1::ExchangeRecord& record = report.failures(i);
    absl::StrAppend(out, "<details><summary>", HtmlText(FailureKindText(record)), " on ",
                    HtmlText(RequestName(report.plan(), record.request())), ", agent ",
                    HtmlText(record.agent_id()), "</summary>\n<pre>",
                    BodyText(record.request_head(), record.request_body(), record.request_cut()),
                    "</pre>\n<pre>");
    if (record.response_head().empty()) {
      absl::StrAppend(out, "(no response)");
    } else {
      absl::StrAppend(
          out, BodyText(record.response_head(), record.response_body(), record.response_cut()));
    }
    absl::StrAppend(out, "</pre></details>\n");
  }
}

void AppendEvents(const v1::Report& report, std::string* out) {
  ReportTable table;
  table.headings = {"at", "what happened"};
  table.texts = 2;
  for (const v1::RunEvent& event : report.events()) {
    table.rows.push_back({{FormatElapsed(event.at_ns())}, {event.text()}});
  }
  AppendTable("Events", table, out);
}

void AppendPlan(const v1::Report& report, std::string* out) {
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(report.plan(), &json, options).ok()) return;
  absl::StrAppend(out, "<h2>Plan</h2>\n<details><summary>as the agents had it</summary><pre>",
                  HtmlLines(json), "</pre></details>\n");
}

}  // namespace

absl::StatusOr<std::string> SummaryHtml(const v1::Report& report) {
  const absl::StatusOr<Measured> total = Measure(report.total());
  if (!total.ok()) return total.status();
  const absl::StatusOr<ReportTable> stages = StageTable(report);
  if (!stages.ok()) return stages.status();
  const absl::StatusOr<ReportTable> requests = RequestTable(report);
  if (!requests.ok()) return requests.status();
  const absl::StatusOr<ReportTable> groups = GroupTable(report);
  if (!groups.ok()) return groups.status();
  const absl::StatusOr<ReportTable> agents = AgentTable(report, *total);
  if (!agents.ok()) return agents.status();

  std::string out = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'\">\n<title>",
      HtmlText(report.name()), " ", HtmlText(report.run_id()), "</title>\n<style>", kPageStyle,
      "</style></head>\n<body>\n");
  AppendHead(report, &out);
  AppendFacts(report, *total, &out);
  AppendTable("Thresholds", ThresholdTable(report), &out);
  absl::StrAppend(&out, "<h2>Over time</h2>\n");
  if (!report.timeline().empty()) {
    absl::StrAppend(&out, RateChart(report), ResponseTimeChart(report));
  }
  absl::StrAppend(&out, "<h2>Percentiles</h2>\n", PercentileChart(*total));
  AppendTable("Times", TimeTable(*total), &out);
  AppendTable("Connections", ConnectionTable(*total), &out);
  AppendTable("Stages", *stages, &out);
  AppendTable("Requests", *requests, &out);
  AppendTable("Groups", *groups, &out);
  AppendTable("Outcomes", OutcomeTable(*total), &out);
  AppendTable("Statuses", StatusTable(*total), &out);
  AppendTable("Failures", FailureTable(report, kFailures), &out);
  AppendExchanges(report, &out);
  AppendTable("Slowest traced requests", TraceTable(report, kTraces), &out);
  AppendTable("Agents", *agents, &out);
  AppendEvents(report, &out);
  AppendPlan(report, &out);
  absl::StrAppend(&out, "<p class=\"soft\">loadfleet ", kVersion,
                  ". Response times count from the intended start; what never got a response "
                  "counts as at least its age.</p>\n</body></html>\n");
  return out;
}

}  // namespace loadfleet
