#include "common/report/summary_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "common/plan_shape.h"
#include "common/report/epoch_table.h"
#include "common/report/failure_table.h"
#include "common/report/format.h"
#include "common/report/measured.h"
#include "common/report/stage_table.h"
#include "common/report/threshold_table.h"
#include "common/report/trace_table.h"

namespace loadfleet {
namespace {

// Of reasons, of notes, of requests and of agents: the whole must fit a screen.
constexpr int kLines = 4;
constexpr size_t kNameColumns = 16;
constexpr size_t kLineColumns = 78;

std::string Colored(absl::string_view text, absl::string_view code, const TextStyle& style) {
  if (!style.color) return std::string(text);
  return absl::StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

absl::string_view VerdictColor(v1::Verdict verdict) {
  switch (verdict) {
    case v1::VERDICT_PASSED:
      return "1;32";
    case v1::VERDICT_FAILED:
      return "1;31";
    default:
      return "1;33";
  }
}

void AppendHead(const v1::Report& report, const TextStyle& style, std::string* out) {
  const std::string verdict = absl::AsciiStrToUpper(std::string(VerdictName(report.verdict())));
  absl::StrAppend(out, Colored(verdict, VerdictColor(report.verdict()), style), "  ",
                  Shortened(report.name(), 40), "  (", Printable(report.run_id()), ")\n");
  const auto list = [&](const auto& lines, absl::string_view mark) {
    for (int i = 0; i < lines.size() && i < kLines; ++i) {
      absl::StrAppend(out, "  ", mark, Printable(lines[i]), "\n");
    }
    if (lines.size() > kLines) {
      absl::StrAppend(out, "  ", mark, "and ", lines.size() - kLines,
                      " more (in the JSON summary)\n");
    }
  };
  list(report.reasons(), "because ");
  list(report.notes(), "note: ");
  absl::StrAppend(out, "\n");
}

void AppendLabelled(std::string_view label, std::string_view text, std::string* out) {
  absl::StrAppendFormat(out, "%-*s%s\n", kNameColumns, label, text);
}

// What is planned is every step of every iteration: one that fails has fewer.
bool PlansManySteps(const v1::Plan& plan) {
  return std::any_of(
      plan.scenarios().begin(), plan.scenarios().end(), [&plan](const v1::Scenario& scenario) {
        return OpenModelOf(scenario) != nullptr && RequestsPerIteration(plan, scenario) != 1;
      });
}

std::string RateLine(const v1::Report& report) {
  std::string line;
  if (report.planned_rate() > 0) {
    const bool mixed = report.has_planned_achieved_rate();
    const double achieved = mixed ? report.planned_achieved_rate() : report.achieved_rate();
    if (PlansManySteps(report.plan())) {
      absl::StrAppend(&line, "planned up to ", FormatRate(report.planned_rate()), "/s   achieved ",
                      FormatRate(achieved), "/s");
    } else {
      absl::StrAppend(&line, "planned ", FormatRate(report.planned_rate()), "/s   achieved ",
                      FormatRate(achieved), "/s (", FormatPercent(achieved / report.planned_rate()),
                      ")");
    }
    if (mixed) {
      absl::StrAppend(&line, "   closed model ", FormatRate(report.achieved_rate() - achieved),
                      "/s");
    }
  } else {
    absl::StrAppend(&line, "achieved ", FormatRate(report.achieved_rate()),
                    "/s   closed model: no planned rate");
  }
  absl::StrAppend(&line, "   in ", FormatElapsed(report.duration_ns()));
  if (report.coverage() < 1) {
    absl::StrAppend(&line, "   coverage ", FormatPercent(report.coverage()));
  }
  return line;
}

// Where an iteration is one request, its line would only say the requests' again.
bool HasManySteps(const Measured& total) {
  return total.has_iterations && total.stats.started != total.arrivals.started;
}

// Arrivals are iterations: they stand here only where each is one request.
std::string RequestsLine(const Measured& total, uint64_t unknown) {
  const bool many = HasManySteps(total);
  std::string line;
  if (!many) absl::StrAppend(&line, "intended ", FormatCount(total.arrivals.intended), "  ");
  absl::StrAppend(&line, "started ", FormatCount(total.stats.started), "  completed ",
                  FormatCount(total.stats.Completed()), "  failed ",
                  FormatCount(total.stats.Failed()));
  if (!many) absl::StrAppend(&line, "  dropped ", FormatCount(total.arrivals.Dropped()));
  if (!many && unknown > 0) absl::StrAppend(&line, "  unknown ", FormatCount(unknown));
  if (total.stats.resent > 0) absl::StrAppend(&line, "  resent ", FormatCount(total.stats.resent));
  if (total.stats.redirects > 0) {
    absl::StrAppend(&line, "  redirects ", FormatCount(total.stats.redirects));
  }
  return line;
}

std::string ChecksLine(const RequestStats& stats) {
  const uint64_t all = stats.checks_passed + stats.checks_failed;
  return absl::StrCat(
      "passed ", FormatCount(stats.checks_passed), "  failed ", FormatCount(stats.checks_failed),
      "  (", FormatPercent(static_cast<double>(stats.checks_passed) / static_cast<double>(all)),
      ")");
}

std::string IterationsLine(const Measured& total, uint64_t unknown) {
  std::string line = absl::StrCat("intended ", FormatCount(total.arrivals.intended), "  started ",
                                  FormatCount(total.arrivals.started), "  completed ",
                                  FormatCount(total.iterations.completed), "  failed ",
                                  FormatCount(total.iterations.failed), "  dropped ",
                                  FormatCount(total.arrivals.Dropped()));
  if (total.iterations.interrupted > 0) {
    absl::StrAppend(&line, "  interrupted ", FormatCount(total.iterations.interrupted));
  }
  if (unknown > 0) absl::StrAppend(&line, "  unknown ", FormatCount(unknown));
  return line;
}

// Parts that do not fit a line go to the next, below the first.
void AppendParts(std::string_view label, const std::vector<std::string>& parts, std::string* out) {
  std::string line;
  std::string_view lead = label;
  for (const std::string& part : parts) {
    if (!line.empty() && kNameColumns + line.size() + 2 + part.size() > kLineColumns) {
      AppendLabelled(lead, line, out);
      line.clear();
      lead = "";
    }
    absl::StrAppend(&line, line.empty() ? "" : "  ", part);
  }
  AppendLabelled(lead, line.empty() ? "none" : line, out);
}

void AppendOutcomes(const RequestStats& stats, std::string* out) {
  std::vector<std::string> outcomes;
  for (const auto& [outcome, count] : OutcomesOf(stats)) {
    outcomes.push_back(absl::StrCat(std::string(OutcomeName(outcome)), " ", FormatCount(count)));
  }
  AppendParts("outcomes", outcomes, out);

  std::vector<std::string> statuses;
  for (const auto& [status, count] : StatusesOf(stats)) {
    statuses.push_back(absl::StrCat(status, ": ", FormatCount(count)));
  }
  AppendParts("status", statuses, out);
}

void AppendChecks(const v1::Report& report, const RequestStats& total, std::string* out) {
  if (total.checks_passed + total.checks_failed == 0) return;
  AppendLabelled("checks", ChecksLine(total), out);
  std::vector<std::string> failed;
  for (const v1::RequestReport& request : report.requests()) {
    const v1::RequestStats& stats = request.totals().requests();
    if (stats.checks_failed() == 0 || failed.size() == kLines) continue;
    failed.push_back(absl::StrCat(Shortened(request.request(), kNameColumns), " ",
                                  FormatCount(stats.checks_failed())));
  }
  if (!failed.empty()) AppendParts("failed checks", failed, out);
}

std::string BytesLine(const RequestStats& stats, Nanos duration) {
  const double seconds = static_cast<double>(duration) / kSecond;
  const auto amount = [&](uint64_t bytes) {
    const auto exact = static_cast<double>(bytes);
    std::string text = FormatBytes(exact);
    if (seconds > 0) absl::StrAppend(&text, " (", FormatBytes(exact / seconds), "/s)");
    return text;
  };
  return absl::StrCat("sent ", amount(stats.bytes_sent), "   received ",
                      amount(stats.bytes_received));
}

void AppendTimes(const Measured& total, std::string* out) {
  absl::StrAppendFormat(out, "\n%-*s", kNameColumns, "");
  for (const ReportedQuantile& quantile : kReportedQuantiles) {
    absl::StrAppendFormat(out, "%10s", quantile.text);
  }
  absl::StrAppend(out, "\n");
  const auto row = [&](std::string_view label, const Distribution& distribution) {
    absl::StrAppendFormat(out, "%-*s", kNameColumns, label);
    for (const QuantileValue& value : distribution.quantiles) {
      const bool empty = distribution.count + distribution.censored == 0;
      absl::StrAppendFormat(out, "%10s", empty ? "-" : FormatQuantile(value));
    }
    absl::StrAppend(out, "\n");
  };
  row("response time", total.response_time);
  row("service time", total.service_time);
  row("queue wait", total.queue_wait);
  row("lateness", total.lateness);
  if (HasManySteps(total)) row("iteration", total.iteration_duration);
  if (total.connect_time.count == 0) return;
  absl::StrAppend(out, "\n");
  row("connect", total.connect_time);
  if (total.tls_time.count > 0) row("TLS handshake", total.tls_time);
  row("first byte", total.first_byte_time);
  row("body", total.body_time);
}

absl::Status AppendGroups(const v1::Report& report, std::string* out) {
  if (report.groups().empty()) return absl::OkStatus();
  absl::StrAppendFormat(out, "\n%-*s%12s%10s%10s%10s%10s\n", kNameColumns + 10, "group",
                        "completed", "cut short", "p50", "p99", "max");
  for (int i = 0; i < report.groups_size() && i < kLines; ++i) {
    const v1::GroupReport& group = report.groups(i);
    absl::StatusOr<Distribution> duration = Measure(group.stats());
    if (!duration.ok()) return duration.status();
    const auto& quantiles = duration->quantiles;
    absl::StrAppendFormat(
        out, "%-*s%12s%10s%10s%10s%10s\n", kNameColumns + 10,
        Shortened(absl::StrCat(group.scenario(), "/", group.group()), kNameColumns + 9),
        FormatCount(duration->count), FormatCount(duration->censored), FormatQuantile(quantiles[0]),
        FormatQuantile(quantiles[3]), FormatQuantile(quantiles[5]));
  }
  if (report.groups_size() > kLines) {
    absl::StrAppend(out, "and ", report.groups_size() - kLines, " more (in the JSON summary)\n");
  }
  return absl::OkStatus();
}

absl::Status AppendRequests(const v1::Report& report, std::string* out) {
  if (report.requests_size() < 2) return absl::OkStatus();
  absl::StrAppendFormat(out, "\n%-*s%12s%10s%10s%10s%10s\n", kNameColumns + 10, "request",
                        "completed", "failed", "p50", "p99", "max");
  for (int i = 0; i < report.requests_size() && i < kLines; ++i) {
    const v1::RequestReport& request = report.requests(i);
    absl::StatusOr<Measured> one = Measure(request.totals());
    if (!one.ok()) return one.status();
    const auto& quantiles = one->response_time.quantiles;
    absl::StrAppendFormat(
        out, "%-*s%12s%10s%10s%10s%10s\n", kNameColumns + 10,
        Shortened(absl::StrCat(request.scenario(), "/", request.request()), kNameColumns + 9),
        FormatCount(one->stats.Completed()), FormatCount(one->stats.Failed()),
        FormatQuantile(quantiles[0]), FormatQuantile(quantiles[3]), FormatQuantile(quantiles[5]));
  }
  if (report.requests_size() > kLines) {
    absl::StrAppend(out, "and ", report.requests_size() - kLines, " more (in the JSON summary)\n");
  }
  return absl::OkStatus();
}

void AppendSums(const v1::Report& report, const Measured& total, const AgentSums& sums,
                const TextStyle& style, std::string* out) {
  const bool equal = sums.Equals(total);
  std::string judgement(ReconciliationText(equal, report.reconciled()));
  if (!equal || !report.reconciled()) {
    judgement = Colored(judgement, equal ? "1;33" : "1;31", style);
  }
  absl::StrAppendFormat(out, "%-*s%-10s%12s%10s%10s  %s\n", kNameColumns, "sum", "",
                        FormatCount(sums.completed), FormatCount(sums.failed),
                        FormatCount(sums.dropped), judgement);
}

absl::Status AppendAgents(const v1::Report& report, const Measured& total, const TextStyle& style,
                          std::string* out) {
  if (report.agents().empty()) return absl::OkStatus();
  absl::StrAppendFormat(out, "\n%-*s%-10s%12s%10s%10s%8s%12s\n", kNameColumns, "agent", "state",
                        "completed", "failed", "dropped", "CPU", "late p99");
  AgentSums sums;
  for (int i = 0; i < report.agents_size(); ++i) {
    const v1::AgentReport& agent = report.agents(i);
    absl::StatusOr<Measured> one = Measure(agent.totals());
    if (!one.ok()) return one.status();
    sums.Add(*one);
    if (i >= kLines) continue;
    absl::StrAppendFormat(out, "%-*s%-10s%12s%10s%10s%8s%12s\n", kNameColumns,
                          Shortened(agent.agent_id(), kNameColumns - 1),
                          Shortened(agent.state(), 9), FormatCount(one->stats.Completed()),
                          FormatCount(one->stats.Failed()), FormatCount(one->arrivals.Dropped()),
                          absl::StrFormat("%.1fs", static_cast<double>(agent.cpu_us()) / 1e6),
                          FormatQuantile(one->lateness.quantiles[3]));
    if (!agent.note().empty()) {
      absl::StrAppend(out, "  ", Shortened(agent.note(), kLineColumns - 2), "\n");
    }
  }
  if (report.agents_size() > kLines) {
    absl::StrAppend(out, "and ", report.agents_size() - kLines, " more (in the JSON summary)\n");
  }
  AppendSums(report, total, sums, style, out);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SummaryText(const v1::Report& report, const TextStyle& style) {
  absl::StatusOr<Measured> total = Measure(report.total());
  if (!total.ok()) return total.status();
  std::string out;
  AppendHead(report, style, &out);
  AppendLabelled("rate", RateLine(report), &out);
  AppendLabelled("requests", RequestsLine(*total, report.unknown_arrivals()), &out);
  if (HasManySteps(*total)) {
    AppendLabelled("iterations", IterationsLine(*total, report.unknown_arrivals()), &out);
  }
  AppendOutcomes(total->stats, &out);
  AppendChecks(report, total->stats, &out);
  AppendLabelled("bytes", BytesLine(total->stats, report.duration_ns()), &out);
  AppendThresholds(report, &out);
  AppendTimes(*total, &out);
  if (absl::Status status = AppendStages(report, &out); !status.ok()) return status;
  if (absl::Status status = AppendRequests(report, &out); !status.ok()) return status;
  if (absl::Status status = AppendGroups(report, &out); !status.ok()) return status;
  AppendFailures(report, &out);
  AppendTraces(report, &out);
  AppendEpochs(report, &out);
  if (absl::Status status = AppendAgents(report, *total, style, &out); !status.ok()) return status;
  return out;
}

}  // namespace loadfleet
