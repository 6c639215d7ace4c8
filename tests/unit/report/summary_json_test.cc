#include "common/report/summary_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/report/sample_report.h"

namespace loadfleet {
namespace {

nlohmann::json Parsed(const v1::Report& report) {
  absl::StatusOr<std::string> text = SummaryJson(report, JsonLayout::kIndented);
  EXPECT_TRUE(text.ok()) << text.status();
  return nlohmann::json::parse(*text);
}

// Every field that scripts rely on, with its value. What is missing here may be added freely.
TEST(SummaryJson, HasTheFieldsThatScriptsRelyOn) {
  const nlohmann::json expected = nlohmann::json::parse(R"({
    "version": 1, "run": "r-0001", "name": "quick\u001b[31mstart", "verdict": "failed",
    "reasons": ["failed_requests: 2 of 9"],
    "started_at": "2026-01-01T00:00:00Z", "duration_s": 2.0, "coverage": 1.0,
    "requests": {"intended": 10, "started": 9, "completed": 8, "failed": 2, "dropped": 1, "unknown": 0},
    "epochs": [], "events": [],
    "rate": {"planned": 5.0, "achieved": 4.0, "planned_achieved": 4.0},
    "bytes": {"sent": 700, "received": 7000},
    "service_time": {"mean_ms": 5.5925, "p50_ms": 0.08, "p90_ms": 39.98, "p95_ms": 39.98,
                     "p99_ms": 39.98, "p999_ms": 39.98, "max_ms": 39.98, "count": 8},
    "queue_wait": {"mean_ms": 0.015, "p50_ms": 0.015, "p90_ms": 0.015, "p95_ms": 0.015,
                   "p99_ms": 0.015, "p999_ms": 0.015, "max_ms": 0.015, "count": 9},
    "lateness": {"mean_ms": 0.005, "p50_ms": 0.005, "p90_ms": 0.005, "p95_ms": 0.005,
                 "p99_ms": 0.005, "p999_ms": 0.005, "max_ms": 0.005, "count": 9},
    "outcomes": {"ok": 7, "bad_status": 1, "total_timeout": 1},
    "status": {"200": 7, "503": 1},
    "thresholds": [], "stages": [], "failures": [], "slowest_traces": [],
    "labels": {"git": "abc123"}, "notes": ["one arrival was dropped"], "reconciled": true,
    "start_error_bound_ms": 0.15, "planned_duration_s": 2.0,
    "throughput": {"sent_bytes_per_s": 350.0, "received_bytes_per_s": 3500.0},
    "timeline": [{"second": 0, "intended": 5, "started": 5, "completed": 4, "failed": 0,
                  "dropped": 0,
                  "response_time": {"count": 4, "p50_ms": 0.1, "p90_ms": 0.0, "p99_ms": 0.0,
                                    "max_ms": 0.1, "lower_bounds": ["max_ms"]}}]
  })");
  nlohmann::json actual = Parsed(SampleReport());
  actual.erase("response_time");
  actual.erase("requests_by_name");
  actual.erase("agents");
  for (const char* other : {"connect_time", "tls_time", "first_byte_time", "body_time"}) {
    EXPECT_EQ(actual[other]["count"], 0);
    actual.erase(other);
  }
  for (const char* flows : {"iterations", "iteration_duration", "groups", "checks"})
    actual.erase(flows);
  EXPECT_EQ(actual, expected) << nlohmann::json::diff(expected, actual).dump(1);
}

TEST(SummaryJson, QuantilesAmongCensoredSamplesAreListedAsLowerBounds) {
  const nlohmann::json times = Parsed(SampleReport())["response_time"];
  EXPECT_EQ(times["count"], 8);
  EXPECT_EQ(times["censored"], 2);
  EXPECT_EQ(times["p50_ms"], 1.5);
  EXPECT_EQ(times["lower_bounds"],
            nlohmann::json::array({"p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms"}));
  EXPECT_EQ(times["max_ms"], 2500.0);
}

TEST(SummaryJson, TellsOfIterationsAndGroups) {
  const nlohmann::json flows = Parsed(FlowsReport());
  EXPECT_EQ(flows["iterations"],
            nlohmann::json::parse(R"({"intended": 5, "started": 4, "completed": 2, "failed": 1,
                                      "interrupted": 1, "dropped": 1})"));
  EXPECT_EQ(flows["iteration_duration"]["count"], 2);
  EXPECT_EQ(flows["iteration_duration"]["censored"], 2);
  EXPECT_EQ(flows["iteration_duration"]["p50_ms"], 30.0);
  EXPECT_EQ(flows["checks"], nlohmann::json::parse(R"({"passed": 3, "failed": 1, "rate": 0.75})"));
  ASSERT_EQ(flows["groups"].size(), 1u);
  EXPECT_EQ(flows["groups"][0]["group"], "pay");
  EXPECT_EQ(flows["groups"][0]["scenario"], "default");
  EXPECT_EQ(flows["groups"][0]["group_duration"]["p50_ms"], 20.0);
  EXPECT_EQ(flows["requests"]["started"], 9);
}

TEST(SummaryJson, ShowsTheTagsOfARequest) {
  const nlohmann::json json = Parsed(FlowsReport());
  EXPECT_EQ(json["requests_by_name"][0]["tags"], nlohmann::json::object());
  EXPECT_EQ(json["requests_by_name"][1]["tags"], (nlohmann::json{{"kind", "write"}}));
}

TEST(SummaryJson, NamesEveryRequestAndEveryAgent) {
  const nlohmann::json json = Parsed(SampleReport());
  ASSERT_EQ(json["requests_by_name"].size(), 2u);
  const nlohmann::json& read = json["requests_by_name"][0];
  EXPECT_EQ(read["request"], "read");
  EXPECT_EQ(read["requests"]["completed"], 4);
  EXPECT_TRUE(read["requests"]["intended"].is_null());
  EXPECT_EQ(read["response_time"]["max_ms"], 0.1);
  EXPECT_EQ(read["service_time"]["max_ms"], 0.08);

  ASSERT_EQ(json["agents"].size(), 2u);
  const nlohmann::json& agent = json["agents"][1];
  EXPECT_EQ(agent["agent"], "a2");
  EXPECT_EQ(agent["state"], "done");
  EXPECT_EQ(agent["cpu_s"], 1.25);
  EXPECT_EQ(agent["requests"]["started"], 5);
  EXPECT_EQ(agent["requests"]["dropped"], 1);
  EXPECT_EQ(agent["lateness"]["p99_ms"], 0.005);
  EXPECT_EQ(agent["windows"], (nlohmann::json{{"applied", 3}, {"duplicate", 1}}));
}

TEST(SummaryJson, TellsStagesApart) {
  v1::Report report = SampleReport();
  EXPECT_EQ(Parsed(report)["stages"], nlohmann::json::array());
  AddStages(&report);
  const nlohmann::json stages = Parsed(report)["stages"];
  ASSERT_EQ(stages.size(), 2u);
  EXPECT_EQ(stages[0]["scenario"], "default");
  EXPECT_EQ(stages[0]["stage"], "warmup");
  EXPECT_EQ(stages[0]["measured"], false);
  EXPECT_EQ(stages[0]["duration_s"], 0.5);
  EXPECT_EQ(stages[0]["rate"]["planned"], 10.0);
  EXPECT_EQ(stages[0]["rate"]["achieved"], 8.0);
  EXPECT_EQ(stages[0]["requests"]["completed"], 4);
  EXPECT_EQ(stages[0]["response_time"]["max_ms"], 0.1);
  EXPECT_EQ(stages[1]["stage"], "");
  EXPECT_EQ(stages[1]["index"], 1);
  EXPECT_TRUE(stages[1]["rate"]["planned"].is_null());
}

TEST(SummaryJson, SaysHowEachThresholdStood) {
  v1::Report report = SampleReport();
  AddThresholds(&report);
  EXPECT_EQ(Parsed(report)["thresholds"], nlohmann::json::parse(R"([
    {"metric": "dropped", "expr": "count < 2", "ok": true, "value": 1.0, "lower_bound": false,
     "limit": 2.0, "unit": "", "aborted": false},
    {"metric": "response_time{request=write}", "expr": "p(99) < 250ms", "ok": false,
     "value": 2500.0, "lower_bound": true, "limit": 250.0, "unit": "ms", "aborted": true},
    {"metric": "tls_time", "expr": "max < 1s", "ok": false, "value": null, "lower_bound": false,
     "limit": 1.0, "unit": "s", "aborted": false}])"));
}

TEST(SummaryJson, SaysWhatConnectionsTookAndWhatWasSentAgain) {
  v1::Report report = SampleReport();
  EXPECT_FALSE(Parsed(report)["requests"].contains("resent"));
  EXPECT_FALSE(Parsed(report)["requests"].contains("redirects"));
  EXPECT_EQ(Parsed(report)["connect_time"]["count"], 0);
  AddConnections(&report);
  const nlohmann::json json = Parsed(report);
  EXPECT_EQ(json["requests"]["resent"], 3);
  EXPECT_EQ(json["requests"]["redirects"], 2);
  EXPECT_EQ(json["connect_time"]["count"], 2);
  EXPECT_EQ(json["connect_time"]["max_ms"], 0.09);
  EXPECT_EQ(json["tls_time"]["max_ms"], 1.2);
  EXPECT_EQ(json["first_byte_time"]["p50_ms"], 0.06);
  EXPECT_EQ(json["body_time"]["p50_ms"], 0.02);
}

TEST(SummaryJson, TellsTheRateOfOpenScenariosFromThatOfAll) {
  v1::Report report = SampleReport();
  EXPECT_EQ(Parsed(report)["rate"]["planned_achieved"], 4.0) << "all are open";
  report.set_planned_achieved_rate(3);
  EXPECT_EQ(Parsed(report)["rate"]["planned"], 5.0);
  EXPECT_EQ(Parsed(report)["rate"]["achieved"], 4.0);
  EXPECT_EQ(Parsed(report)["rate"]["planned_achieved"], 3.0);
}

TEST(SummaryJson, HasTheFailingExchangesWhole) {
  v1::Report report = SampleReport();
  EXPECT_EQ(Parsed(report)["failures"], nlohmann::json::array());
  AddFailures(&report);
  const nlohmann::json json = Parsed(report)["failures"];
  ASSERT_EQ(json.size(), 5u);
  EXPECT_EQ(
      json[0],
      nlohmann::json(
          {{"kind", "bad_status 503"},
           {"request", "write"},
           {"scenario", "default"},
           {"agent", "a2"},
           {"outcome", "bad_status"},
           {"failed_checks", nlohmann::json::array()},
           {"intended_s", 0.5},
           {"response_time_ms", 2'000.0},
           {"url", "http://shop.test/write"},
           {"sent", {{"head", "POST /write HTTP/1.1\r\n\r\n"}, {"body", "x"}, {"cut", false}}},
           {"received",
            {{"head", "HTTP/1.1 503\r\nServer: a\r\n\r\n"},
             {"body", "{\"error\":\n\x1b[31m\"full\"}"},
             {"cut", true}}}}));
  EXPECT_TRUE(json[3]["received"].is_null()) << "there was no response";
  EXPECT_EQ(json[4]["kind"], "check json $.id");
  EXPECT_EQ(json[4]["failed_checks"][0], "json $.id: expected 1, got \"2\"");
}

TEST(SummaryJson, HasEveryTraceThatIsTold) {
  v1::Report report = SampleReport();
  EXPECT_EQ(Parsed(report)["slowest_traces"], nlohmann::json::array());
  AddTraces(&report);
  const nlohmann::json json = Parsed(report)["slowest_traces"];
  ASSERT_EQ(json.size(), 6u);
  EXPECT_EQ(json[0], nlohmann::json({{"trace_id", "ababababababababababababababab01"},
                                     {"request", "write"},
                                     {"scenario", "default"},
                                     {"agent", "a1"},
                                     {"second", 3},
                                     {"response_time_ms", 2'000.0},
                                     {"outcome", "total_timeout"}}));
}

TEST(SummaryJson, WhatHasNoMeaningIsNull) {
  v1::Report report = SampleReport();
  report.set_planned_rate(0);
  report.set_started_at_ms(0);
  const nlohmann::json json = Parsed(report);
  EXPECT_TRUE(json["rate"]["planned"].is_null());
  EXPECT_TRUE(json["started_at"].is_null());
}

TEST(SummaryJson, OneLineHasNoLineBreak) {
  absl::StatusOr<std::string> text = SummaryJson(SampleReport(), JsonLayout::kOneLine);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->find('\n'), std::string::npos);
}

TEST(SummaryJson, ADamagedReportIsRefused) {
  v1::Report report = SampleReport();
  report.mutable_total()->mutable_requests()->mutable_lateness()->add_index_gap(0);
  EXPECT_EQ(SummaryJson(report, JsonLayout::kOneLine).status().code(), absl::StatusCode::kDataLoss);
}

TEST(SummaryJson, HasTheEpochsOfTheLoad) {
  const nlohmann::json json = Parsed(LostAgentReport());
  EXPECT_EQ(json["requests"]["unknown"], 3);
  EXPECT_EQ(json["epochs"], nlohmann::json::parse(R"([
    {"epoch": 1, "from_s": 0.0, "reason": "", "shares": [{"agent": "a1", "share": 0.25},
                                                         {"agent": "a2", "share": 0.75}]},
    {"epoch": 2, "from_s": 1.5, "reason": "a2 is gone", "shares": [{"agent": "a1", "share": 1.0}]}
  ])"));
  EXPECT_EQ(json["events"],
            nlohmann::json::parse(R"([{"at_s": 1.0, "text": "agent a2 was lost"}])"));
}

}  // namespace
}  // namespace loadfleet
