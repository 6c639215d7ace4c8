#include "common/report/tables.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/plan_shape.h"
#include "common/report/failure_table.h"
#include "common/report/format.h"
#include "common/report/trace_table.h"
#include "common/stats/outcome.h"
#include "common/threshold_text.h"

namespace loadfleet {
namespace {

constexpr size_t kSeenColumns = 200;

TableCell Quantile(const Distribution& distribution, size_t index) {
  const bool any = distribution.count + distribution.censored > 0;
  return {any ? FormatQuantile(distribution.quantiles[index]) : "-"};
}

ReportTable QuantileTable() {
  ReportTable table;
  table.headings.emplace_back("");
  for (const ReportedQuantile& quantile : kReportedQuantiles) {
    table.headings.emplace_back(quantile.text);
  }
  return table;
}

void AddTimes(const char* label, const Distribution& distribution, ReportTable* table) {
  std::vector<TableCell> row = {{label}};
  for (size_t i = 0; i < kReportedQuantiles.size(); ++i) row.push_back(Quantile(distribution, i));
  table->rows.push_back(std::move(row));
}

// Completed, failed, p50, p99 and maximum of each.
template <typename Parts, typename NameOf>
absl::StatusOr<ReportTable> PartTable(const char* what, const Parts& parts, const NameOf& name_of) {
  ReportTable table;
  table.headings = {what, "completed", "failed", "p50", "p99", "max"};
  for (const auto& part : parts) {
    const absl::StatusOr<Measured> one = Measure(part.totals());
    if (!one.ok()) return one.status();
    table.rows.push_back({{name_of(part)},
                          {FormatCount(one->stats.Completed())},
                          {FormatCount(one->stats.Failed())},
                          Quantile(one->response_time, 0),
                          Quantile(one->response_time, 3),
                          Quantile(one->response_time, 5)});
  }
  return table;
}

}  // namespace

ReportTable ThresholdTable(const v1::Report& report) {
  ReportTable table;
  table.headings = {"threshold", "must be", "was", ""};
  for (const v1::ThresholdResult& result : report.thresholds()) {
    table.rows.push_back({{result.metric()},
                          {result.expr()},
                          {FormatThresholdValue(result)},
                          {result.ok() ? "ok" : "failed", !result.ok()}});
  }
  return table;
}

ReportTable TimeTable(const Measured& total) {
  ReportTable table = QuantileTable();
  AddTimes("response time", total.response_time, &table);
  AddTimes("service time", total.service_time, &table);
  AddTimes("queue wait", total.queue_wait, &table);
  AddTimes("lateness", total.lateness, &table);
  return table;
}

ReportTable ConnectionTable(const Measured& total) {
  ReportTable table = QuantileTable();
  if (total.connect_time.count == 0) return table;
  AddTimes("connect", total.connect_time, &table);
  if (total.tls_time.count > 0) AddTimes("TLS handshake", total.tls_time, &table);
  AddTimes("first byte", total.first_byte_time, &table);
  AddTimes("body", total.body_time, &table);
  return table;
}

absl::StatusOr<ReportTable> StageTable(const v1::Report& report) {
  return PartTable("stage", report.stages(), [](const v1::StageReport& stage) {
    return absl::StrCat(
        stage.scenario(), "/",
        stage.stage().empty() ? absl::StrCat("stage ", stage.index() + 1) : stage.stage(),
        stage.measured() ? "" : " (not measured)");
  });
}

absl::StatusOr<ReportTable> RequestTable(const v1::Report& report) {
  return PartTable("request", report.requests(), [](const v1::RequestReport& request) {
    return absl::StrCat(request.scenario(), "/", request.request());
  });
}

absl::StatusOr<ReportTable> GroupTable(const v1::Report& report) {
  ReportTable table;
  table.headings = {"group", "completed", "cut short", "p50", "p99", "max"};
  for (const v1::GroupReport& group : report.groups()) {
    const absl::StatusOr<Distribution> duration = Measure(group.stats());
    if (!duration.ok()) return duration.status();
    table.rows.push_back({{absl::StrCat(group.scenario(), "/", group.group())},
                          {FormatCount(duration->count)},
                          {FormatCount(duration->censored)},
                          Quantile(*duration, 0),
                          Quantile(*duration, 3),
                          Quantile(*duration, 5)});
  }
  return table;
}

absl::StatusOr<ReportTable> AgentTable(const v1::Report& report, const Measured& total) {
  ReportTable table;
  table.headings = {"agent",   "state", "completed",    "failed",
                    "dropped", "CPU",   "lateness p99", "clock within"};
  table.texts = 2;
  AgentSums sums;
  for (const v1::AgentReport& agent : report.agents()) {
    const absl::StatusOr<Measured> one = Measure(agent.totals());
    if (!one.ok()) return one.status();
    sums.Add(*one);
    table.rows.push_back(
        {{agent.agent_id()},
         {agent.note().empty() ? agent.state() : absl::StrCat(agent.state(), ": ", agent.note()),
          agent.state() != "done"},
         {FormatCount(one->stats.Completed())},
         {FormatCount(one->stats.Failed())},
         {FormatCount(one->arrivals.Dropped())},
         {absl::StrFormat("%.1fs", static_cast<double>(agent.cpu_us()) / 1e6)},
         Quantile(one->lateness, 3),
         {FormatMicros(static_cast<double>(agent.offset_bound_ns()) / 1e3)}});
  }
  if (table.empty()) return table;
  const bool equal = sums.Equals(total);
  table.rows.push_back({{"sum"},
                        {std::string(ReconciliationText(equal, report.reconciled())),
                         !equal || !report.reconciled()},
                        {FormatCount(sums.completed)},
                        {FormatCount(sums.failed)},
                        {FormatCount(sums.dropped)},
                        {""},
                        {""},
                        {""}});
  return table;
}

ReportTable OutcomeTable(const Measured& total) {
  ReportTable table;
  table.headings = {"outcome", "requests"};
  for (const auto& [outcome, count] : OutcomesOf(total.stats)) {
    table.rows.push_back(
        {{std::string(OutcomeName(outcome)), outcome != Outcome::kOk}, {FormatCount(count)}});
  }
  return table;
}

ReportTable StatusTable(const Measured& total) {
  ReportTable table;
  table.headings = {"status", "responses"};
  for (const auto& [status, count] : StatusesOf(total.stats)) {
    table.rows.push_back({{absl::StrCat(status), status >= 400}, {FormatCount(count)}});
  }
  return table;
}

ReportTable FailureTable(const v1::Report& report, size_t most) {
  ReportTable table;
  table.headings = {"failure", "request", "agent", "such as"};
  table.texts = 4;
  for (const FailureExample& example : FailureExamples(report)) {
    if (table.rows.size() == most) break;
    table.rows.push_back({{example.kind},
                          {example.request},
                          {example.agent},
                          {Shortened(example.seen, kSeenColumns)}});
  }
  return table;
}

ReportTable TraceTable(const v1::Report& report, size_t most) {
  ReportTable table;
  table.headings = {"slowest traced", "trace id", "agent", "at", "response time", "outcome"};
  for (const v1::TracedRequest* traced : SlowestTraced(report, most)) {
    table.rows.push_back({{RequestName(report.plan(), traced->request())},
                          {TraceIdText(*traced)},
                          {traced->agent_id()},
                          {absl::StrCat(traced->second(), "s")},
                          {FormatMicros(static_cast<double>(traced->response_time_us()))},
                          {std::string(OutcomeName(static_cast<Outcome>(traced->outcome())))}});
  }
  return table;
}

}  // namespace loadfleet
