#include "loadctl/explain/outline_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/report/format.h"
#include "loadctl/terminal/columns.h"
#include "loadctl/terminal/table.h"

namespace loadfleet {
namespace {

constexpr size_t kLineColumns = 80;
constexpr size_t kScenarioColumns = 19;
constexpr size_t kStageColumns = 12;
constexpr size_t kAgentsListed = 10;
constexpr size_t kOriginsListed = 5;

std::string Short(const std::string& name, size_t columns) {
  const std::string text = Printable(name);
  return ColumnsOf(text) <= columns ? text : absl::StrCat(CutToColumns(text, columns - 2), "..");
}

void AddLine(absl::string_view label, const std::string& text, std::string* out) {
  const std::string line = absl::StrFormat("%-16s%s", label, text);
  absl::StrAppend(out, CutToColumns(line, kLineColumns), "\n");
}

// Of open models.
std::string Requests(const PlanOutline& outline, uint64_t count) {
  return absl::StrCat(outline.conditional ? "at most " : "", outline.exact ? "" : "about ",
                      FormatCount(count));
}

// What each kind of scenario sends, a line each.
void AddRequests(const PlanOutline& outline, std::string* out) {
  std::vector<std::string> parts;
  if (outline.peak_rate > 0) {
    parts.push_back(absl::StrCat(Requests(outline, outline.open_requests), " at a rate"));
  }
  if (outline.most_iterated > 0) {
    parts.push_back(absl::StrCat("up to ", FormatCount(outline.most_iterated), " in iterations"));
  }
  if (outline.unknown) {
    parts.push_back("unknown of VUs with a duration: as many as the target answers");
  }
  for (const std::string& part : parts) AddLine(part == parts.front() ? "requests" : "", part, out);
}

std::string Peak(const PlanOutline& outline) {
  std::vector<std::string> parts;
  if (outline.peak_rate > 0) parts.push_back(absl::StrCat(FormatRate(outline.peak_rate), "/s"));
  if (outline.peak_vus > 0) parts.push_back(Counted(outline.peak_vus, "VU"));
  return absl::StrJoin(parts, " and ");
}

void AddNeed(const PlanOutline& outline, std::string* out) {
  if (outline.peak_requests <= 0) {
    AddLine("generator", "unknown: a closed model takes what the target's answers take", out);
    return;
  }
  const GeneratorNeed need = NeedOf(outline.peak_requests);
  AddLine(
      "generator",
      absl::StrCat("about ", Counted(need.cores, "core"), ", which ", Counted(need.agents, "agent"),
                   " of ", kCoresPerAgent, need.agents == 1 ? " has" : " have"),
      out);
  AddLine("",
          absl::StrCat("at ", FormatCount(kRequestsPerCore), " requests/s a core: half of what",
                       " docs/performance.md"),
          out);
  AddLine("", "measured for small HTTP/1.1 responses; TLS and HTTP/2 take more", out);
}

// How far the rows of each feeder go.
void AddFeeders(const PlanOutline& outline, std::string* out) {
  for (const FeederOutline& feeder : outline.feeders) {
    const std::string rows =
        absl::StrCat(Short(feeder.name, kScenarioColumns), ": ", Counted(feeder.rows, "row"),
                     feeder.copy ? " on each agent" : "");
    AddLine(&feeder == &outline.feeders.front() ? "feeders" : "", rows, out);
    std::vector<std::string> scenarios;
    for (const std::string& name : feeder.scenarios) {
      scenarios.push_back(Short(name, kScenarioColumns));
    }
    if (feeder.stop) {
      // An agent's own part of the iterations is the master's to deal.
      const std::string of = feeder.copy ? ""
                             : feeder.iterations
                                 ? absl::StrCat(" of ", FormatCount(*feeder.iterations))
                                 : " of as many as the time allows";
      AddLine("", absl::StrCat("  enough for ", Counted(feeder.rows, "iteration"), of), out);
      AddLine("", absl::StrCat("  used up they end ", absl::StrJoin(scenarios, ", ")), out);
    } else {
      AddLine("", absl::StrCat("  again and again, for ", absl::StrJoin(scenarios, ", ")), out);
    }
  }
}

void AddHead(const PlanOutline& outline, std::string* out) {
  AddLine("plan", Printable(outline.name), out);
  for (size_t i = 0; i < std::min(kOriginsListed, outline.origins.size()); ++i) {
    AddLine(i == 0 ? "target" : "", Printable(outline.origins[i]), out);
  }
  if (outline.origins.size() > kOriginsListed) {
    AddLine("", absl::StrCat("and ", outline.origins.size() - kOriginsListed, " more"), out);
  }
  AddLine("duration",
          absl::StrCat(FormatElapsed(outline.duration), ", then up to ",
                       FormatElapsed(outline.graceful_stop), " for what is in flight"),
          out);
  if (!outline.setup.empty()) {
    AddLine("setup", absl::StrCat(Printable(outline.setup), ", once, before the load"), out);
  }
  if (!outline.teardown.empty()) {
    AddLine("teardown", absl::StrCat(Printable(outline.teardown), ", once, after it"), out);
  }
  AddRequests(outline, out);
  if (outline.redirects > 0) {
    AddLine("redirects", absl::StrCat("up to ", outline.redirects, " of a request, beside these"),
            out);
  }
  if (outline.cookies) {
    AddLine("cookies", "kept by each VU, or in an open model within an iteration", out);
  }
  AddLine("peak", Peak(outline), out);
  AddLine("connections", absl::StrCat("up to ", FormatCount(outline.connections)), out);
  if (outline.traced > 0) {
    AddLine("traced",
            absl::StrFormat("%g%% of the requests carry a traceparent", 100 * outline.traced), out);
  }
  AddNeed(outline, out);
  AddFeeders(outline, out);
}

std::string Value(const ScenarioOutline& scenario, double value) {
  if (scenario.open) return absl::StrCat(FormatRate(value), "/s");
  return Counted(static_cast<uint64_t>(value), "VU");
}

std::string StageTable(const PlanOutline& outline) {
  Table table({"scenario", "stage", "start", "end", "from", "to"});
  for (const ScenarioOutline& scenario : outline.scenarios) {
    for (const LoadLine& stage : scenario.stages) {
      table.AddRow({Short(scenario.name, kScenarioColumns),
                    stage.name.empty() ? "-" : Short(stage.name, kStageColumns),
                    FormatElapsed(stage.begin), FormatElapsed(stage.end),
                    Value(scenario, stage.from), Value(scenario, stage.to)});
    }
  }
  return table.ToText();
}

std::string AgentTable(const PlanOutline& outline) {
  Table table({"agent", "share", "requests at a rate", "peak", "VUs", "connections"});
  const size_t listed = std::min(kAgentsListed, outline.agents.size());
  for (size_t i = 0; i < listed; ++i) {
    const AgentOutline& agent = outline.agents[i];
    table.AddRow({absl::StrCat(i + 1), FormatPercent(agent.share),
                  Requests(outline, agent.requests),
                  absl::StrCat(FormatRate(agent.peak_rate), "/s"), FormatCount(agent.vus),
                  FormatCount(agent.connections)});
  }
  std::string text = table.ToText();
  if (outline.agents.size() > listed) {
    absl::StrAppend(&text, "and ", FormatCount(outline.agents.size() - listed),
                    " more, dealt alike\n");
  }
  if (outline.agents_assumed) {
    absl::StrAppend(&text, "(as many as the plan's agents.min; --agents N shows another number)\n");
  }
  return text;
}

}  // namespace

std::string OutlineText(const PlanOutline& outline, PlotStyle style) {
  std::string text;
  AddHead(outline, &text);
  absl::StrAppend(&text, "\n", StageTable(outline), "\n", AgentTable(outline));
  const auto plot = [&](absl::string_view title, Quantity quantity) {
    absl::StrAppend(&text, "\n", title, "\n",
                    PlotCurve(CurveOf(outline, quantity, kPlotColumns), outline.duration, style));
  };
  if (outline.peak_rate > 0) plot("arrivals a second", Quantity::kRate);
  if (outline.peak_vus > 0) plot("VUs", Quantity::kVus);
  return text;
}

}  // namespace loadfleet
