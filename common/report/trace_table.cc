#include "common/report/trace_table.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/plan_shape.h"
#include "common/report/format.h"
#include "common/stats/outcome.h"

namespace loadfleet {
namespace {

constexpr size_t kLines = 4;  // more would push the rest off a screen
constexpr char kRow[] = "%-20s%-34s%10s  %s\n";

}  // namespace

std::vector<const v1::TracedRequest*> SlowestTraced(const v1::Report& report, size_t most) {
  std::vector<const v1::TracedRequest*> traces;
  for (const v1::TracedRequest& traced : report.traces()) traces.push_back(&traced);
  std::stable_sort(traces.begin(), traces.end(),
                   [](const v1::TracedRequest* a, const v1::TracedRequest* b) {
                     return a->response_time_us() > b->response_time_us();
                   });
  if (traces.size() > most) traces.resize(most);
  return traces;
}

std::string TraceIdText(const v1::TracedRequest& traced) {
  return absl::BytesToHexString(traced.trace_id());
}

void AppendTraces(const v1::Report& report, std::string* out) {
  if (report.traces().empty()) return;
  absl::StrAppend(out, "\n");
  absl::StrAppendFormat(out, kRow, "slowest traced", "trace id", "response", "outcome");
  for (const v1::TracedRequest* traced : SlowestTraced(report, kLines)) {
    absl::StrAppendFormat(out, kRow, Shortened(RequestName(report.plan(), traced->request()), 19),
                          TraceIdText(*traced),
                          FormatMicros(static_cast<double>(traced->response_time_us())),
                          std::string(OutcomeName(static_cast<Outcome>(traced->outcome()))));
  }
  const auto all = static_cast<size_t>(report.traces_size());
  if (all > kLines) absl::StrAppend(out, "and ", all - kLines, " more (in the JSON summary)\n");
}

nlohmann::ordered_json TracesJson(const v1::Report& report) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const v1::TracedRequest& traced : report.traces()) {
    Json json;
    json["trace_id"] = TraceIdText(traced);
    json["request"] = RequestName(report.plan(), traced.request());
    json["scenario"] = ScenarioName(report.plan(), traced.scenario());
    json["agent"] = traced.agent_id();
    json["second"] = traced.second();
    json["response_time_ms"] = static_cast<double>(traced.response_time_us()) / 1e3;
    json["outcome"] = OutcomeName(static_cast<Outcome>(traced.outcome()));
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace loadfleet
