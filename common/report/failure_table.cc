#include "common/report/failure_table.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "common/failure_text.h"
#include "common/plan_shape.h"
#include "common/report/format.h"
#include "common/stats/outcome.h"

namespace loadfleet {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kLines = 6;  // more would push the rest off a screen
constexpr size_t kLineColumns = 78;
constexpr size_t kSeenBytes = 300;

// The first line of the head, which says most, and the beginning of the body.
std::string ResponseLine(const v1::ExchangeRecord& record) {
  const absl::string_view head = record.response_head();
  std::string line(head.substr(0, head.find("\r\n")));
  if (!record.response_body().empty()) {
    absl::StrAppend(&line, line.empty() ? "" : " ... ",
                    absl::string_view(record.response_body()).substr(0, kSeenBytes));
  }
  return absl::StrReplaceAll(line, {{"\r", " "}, {"\n", " "}});
}

std::string Seen(const v1::ExchangeRecord& record) {
  if (record.outcome() == v1::OUTCOME_OK && !record.failed_checks().empty()) {
    const absl::string_view told = record.failed_checks(0);
    const size_t colon = told.find(": ");  // before it the kind stands already
    return std::string(colon == told.npos ? told : told.substr(colon + 2));
  }
  std::string response = ResponseLine(record);
  if (!response.empty()) return response;
  return absl::StrCat("no response after ",
                      FormatMicros(static_cast<double>(record.response_time_us())));
}

Json Part(const std::string& head, const std::string& body, bool cut) {
  return Json{{"head", head}, {"body", body}, {"cut", cut}};
}

}  // namespace

std::vector<FailureExample> FailureExamples(const v1::Report& report) {
  std::set<std::tuple<uint32_t, uint32_t, std::string>> had;
  std::vector<FailureExample> examples;
  for (const v1::ExchangeRecord& record : report.failures()) {
    const std::string kind = FailureKindText(record);
    if (!had.emplace(record.scenario(), record.request(), kind).second) continue;
    examples.push_back(
        {kind, RequestName(report.plan(), record.request()), record.agent_id(), Seen(record)});
  }
  return examples;
}

void AppendFailures(const v1::Report& report, std::string* out) {
  const std::vector<FailureExample> examples = FailureExamples(report);
  if (examples.empty()) return;
  absl::StrAppend(out, "\nfailures\n");
  for (size_t i = 0; i < std::min(kLines, examples.size()); ++i) {
    const FailureExample& example = examples[i];
    absl::StrAppend(out, "  ",
                    Shortened(absl::StrCat(example.kind, " on ", Shortened(example.request, 24),
                                           ": ", example.seen),
                              kLineColumns - 2),
                    "\n");
  }
  if (examples.size() > kLines) {
    absl::StrAppend(out, "  and ", examples.size() - kLines, " more kinds\n");
  }
  absl::StrAppend(out, "  (", report.failures_size(), report.failures_size() == 1 ? " is" : " are",
                  " whole in the JSON summary)\n");
}

nlohmann::ordered_json FailuresJson(const v1::Report& report) {
  Json list = Json::array();
  for (const v1::ExchangeRecord& record : report.failures()) {
    Json json;
    json["kind"] = FailureKindText(record);
    json["request"] = RequestName(report.plan(), record.request());
    json["scenario"] = ScenarioName(report.plan(), record.scenario());
    json["agent"] = record.agent_id();
    json["outcome"] = OutcomeName(static_cast<Outcome>(record.outcome()));
    json["failed_checks"] = Json::array();
    for (const std::string& check : record.failed_checks()) json["failed_checks"].push_back(check);
    json["intended_s"] = static_cast<double>(record.intended_ns()) / kSecond;
    json["response_time_ms"] = static_cast<double>(record.response_time_us()) / 1e3;
    json["url"] = record.url();
    json["sent"] = Part(record.request_head(), record.request_body(), record.request_cut());
    const bool answered = !record.response_head().empty() || !record.response_body().empty();
    json["received"] =
        answered ? Part(record.response_head(), record.response_body(), record.response_cut())
                 : Json(nullptr);
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace loadfleet
