// Rows of a file through a whole cluster: uploaded once, fetched by every agent, each row sent
// once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;

// A row's status is in it: so the target's own answers tell which rows it was sent.
std::string Rows(int rows) {
  std::string text = "status,note\r\n";
  for (int i = 0; i < rows; ++i) {
    absl::StrAppend(&text, 200 + i % 100, ",\"number ", i, ",\n\"\"quoted\"\"\"\r\n");
  }
  return text;
}

std::string FedPlan(const std::string& scenario, const std::string& feeder = "on_end: stop") {
  return absl::StrCat(R"(
target: ${TARGET}
validity: {max_lateness_p99: 1m, max_worker_cpu: 100%}
agents: {min: 3}
feeders: {rows: {file: rows.csv, )",
                      feeder, "}}\nscenarios: {main: {flow: f, ", scenario, R"(}}
flows:
  f:
    feed: [rows]
    steps:
      - request: status
        get: "/status/{{ rows.status }}"
        expect: {status: [2xx, 3xx]}
)");
}

TEST(Feeders, EachRowIsSentOnceByWhicheverAgent) {
  Cluster cluster(3);
  cluster.Write("rows.csv", Rows(1'000));
  const std::string report = cluster.Path("report.json");
  for (const char* scenario :
       {"executor: constant-arrival-rate, rate: 1000/s, duration: 20s",
        "executor: shared-iterations, vus: 7, iterations: 5000, max_duration: 20s"}) {
    const std::string plan =
        cluster.Write("plan.yaml", FedPlan(scenario, "order: random, on_end: stop"));
    const Completed done = cluster.Loadctl({"submit", plan, "--quiet", "--out", report});
    EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
    const nlohmann::json summary = ReadSummary(report);
    ExpectAccountedFor(summary);
    EXPECT_EQ(summary.at("requests").at("completed"), 1'000) << scenario;
    const nlohmann::json& statuses = summary.at("status");
    EXPECT_EQ(statuses.size(), 100u);
    for (const auto& [status, count] : statuses.items()) EXPECT_EQ(count, 10) << status;
  }
  EXPECT_EQ(cluster.target().Requests(), 2'000);
}

TEST(Feeders, OfACopyEachAgentSendsAllRows) {
  Cluster cluster(3);
  cluster.Write("rows.csv", Rows(100));
  const std::string report = cluster.Path("report.json");
  const std::string plan = cluster.Write(
      "plan.yaml", FedPlan("executor: constant-arrival-rate, rate: 500/s, duration: 20s",
                           "share: copy, on_end: stop"));
  const Completed done = cluster.Loadctl({"submit", plan, "--quiet", "--out", report});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  const nlohmann::json summary = ReadSummary(report);
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("status").size(), 100u);
  for (const auto& [status, count] : summary.at("status").items()) {
    EXPECT_EQ(count, 3) << status;
  }
}

TEST(Feeders, WhatIsWrongWithAFileIsToldWithItsLine) {
  TemporaryDirectory directory;
  directory.Write("rows.csv", "status,note\n200,a\n201\n");
  const std::string plan =
      directory.Write("plan.yaml", FedPlan("executor: constant-vus, vus: 1, duration: 1s"));
  for (const char* verb : {"validate", "explain", "run"}) {
    const Completed done = Loadctl({verb, plan}, {{"TARGET", "http://127.0.0.1:1"}});
    EXPECT_EQ(done.exit_code, 2) << verb;
    EXPECT_THAT(done.err, HasSubstr("rows.csv:3: 1 field, and the first row has 2")) << verb;
  }
}

TEST(Feeders, ExplainSaysHowFarTheRowsGo) {
  TemporaryDirectory directory;
  directory.Write("rows.csv", Rows(300));
  const std::string plan = directory.Write(
      "plan.yaml", FedPlan("executor: constant-arrival-rate, rate: 100/s, duration: 20s"));
  const Completed done = Loadctl({"explain", plan}, {{"TARGET", "http://127.0.0.1:1"}});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("feeders         rows: 300 rows\n"));
  EXPECT_THAT(done.out, HasSubstr("enough for 300 iterations of 2,000\n"));
  EXPECT_THAT(done.out, HasSubstr("used up they end main\n"));
}

}  // namespace
}  // namespace loadfleet
