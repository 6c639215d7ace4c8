// `loadctl run`: master, agent and client in one process, no daemon.
#include <signal.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"
#include "tests/support/eventually.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(OneProcess, RunsAUrlWithVirtualUsers) {
  TargetProcess target;
  TemporaryDirectory directory;
  const std::string report = directory.path() / "report.json";
  const Completed done = Loadctl({"run", "--url", target.url() + "/ping", "--vus", "4",
                                  "--duration", "1s", "--quiet", "--out", report});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
  EXPECT_EQ(done.err, "");  // what its master writes down is nobody's news here

  const json summary = ReadSummary(report);
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("verdict"), "passed");
  EXPECT_EQ(summary.at("requests").at("completed"), target.Requests());
}

TEST(OneProcess, RunsAUrlAtARate) {
  TargetProcess target;
  TemporaryDirectory directory;
  const std::string report = directory.path() / "report.json";
  const Completed done =
      Loadctl({"run", "--url", target.url() + "/ping", "--rate", "200", "--duration", "1s", "--set",
               "validity.max_lateness_p99=1m", "--quiet", "--out", report});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;

  const json summary = ReadSummary(report);
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("requests").at("intended"), 200);
  EXPECT_EQ(summary.at("requests").at("completed"), target.Requests());
}

TEST(OneProcess, SendsTheMethodAndBodyThatItWasGiven) {
  TargetProcess target;
  TemporaryDirectory directory;
  const std::string report = directory.path() / "report.json";
  const Completed done =
      Loadctl({"run", "--url", target.url() + "/echo", "--vus", "1", "--duration", "1s", "--method",
               "POST", "--body", "hello", "--header", "X-Test: 1", "--quiet", "--out", report});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
  ExpectAccountedFor(ReadSummary(report));
}

TEST(OneProcess, PrintsOneObjectASecondForScripts) {
  TargetProcess target;
  const Completed done =
      Loadctl({"run", "--url", target.url() + "/ping", "--vus", "1", "--duration", "2s", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;

  int64_t objects = 0;
  std::istringstream lines(done.out);
  for (std::string line; std::getline(lines, line); ++objects) {
    EXPECT_TRUE(json::parse(line, nullptr, /*allow_exceptions=*/false).is_object()) << line;
  }
  EXPECT_GE(objects, 1);
}

TEST(OneProcess, ReportsEachStageAndLeavesTheWarmUpOutOfThePercentiles) {
  TargetProcess target;
  TemporaryDirectory directory;
  const std::string report = directory.path() / "report.json";
  const std::string plan = directory.path() / "plan.yaml";
  std::ofstream(plan) << "target: " << target.url() << R"(
scenarios:
  ramp:
    executor: ramping-arrival-rate
    flow: ping
    start_rate: 100/s
    stages:
      - {name: warmup, duration: 1s, target: 100/s, measure: false}
      - {name: steady, duration: 1s, target: 100/s}
  users: {executor: constant-vus, flow: status, vus: 1, duration: 1s}
flows:
  ping: {steps: [{request: ping, get: /ping}]}
  status: {steps: [{request: status, get: /status/200}]}
validity: {max_lateness_p99: 1m}
)";
  const Completed done = Loadctl({"run", plan, "--quiet", "--out", report});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;

  const json summary = ReadSummary(report);
  ExpectAccountedFor(summary);
  ASSERT_EQ(summary.at("stages").size(), 2u);
  for (const json& stage : summary.at("stages")) {
    EXPECT_EQ(stage.at("requests").at("intended"), 100) << stage.at("stage");
    EXPECT_EQ(stage.at("rate").at("planned"), 100.0);
  }
  const json& ping = summary.at("requests_by_name").at(0);
  EXPECT_EQ(ping.at("requests").at("completed"), 200);
  EXPECT_EQ(ping.at("response_time").at("count"), 100);
  EXPECT_EQ(summary.at("rate").at("planned"), 100.0);
  EXPECT_EQ(summary.at("rate").at("planned_achieved"), 100.0);
  EXPECT_GT(summary.at("rate").at("achieved"), 100.0);
  EXPECT_GE(summary.at("connect_time").at("count"), 1);
}

TEST(OneProcess, StoppedByCtrlCLeavesAReport) {
  TargetProcess target;
  TemporaryDirectory directory;
  const std::string report = directory.path() / "report.json";
  Process run({{LoadctlPath(), "run", "--url", target.url() + "/ping", "--vus", "2", "--duration",
                "10m", "--quiet", "--out", report},
               {}});
  ASSERT_TRUE(Eventually([&] { return target.Requests() > 0; }, kPatience)) << run.err();

  run.Signal(SIGINT);
  EXPECT_EQ(run.Wait(kPatience), 4) << run.err();
  const json summary = ReadSummary(report);
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("verdict"), "aborted");
}

TEST(OneProcess, PrintsTheReportForPeople) {
  TargetProcess target;
  const Completed done =
      Loadctl({"run", "--url", target.url() + "/ping", "--vus", "1", "--duration", "1s"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("PASSED"));
}

}  // namespace
}  // namespace loadfleet
