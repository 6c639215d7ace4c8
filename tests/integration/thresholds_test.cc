// Thresholds from the plan to the exit code.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Thresholds, ThatHoldLetTheRunPass) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan(R"(rate: 200/s
duration: 2s
thresholds:
  - {metric: "response_time{request=ping}", expr: p(99) < 30s}
  - {metric: "requests{status=200}", expr: count == 400}
)"));
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;

  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  ASSERT_EQ(summary.at("thresholds").size(), 2u);
  const json& time = summary.at("thresholds")[0];
  EXPECT_EQ(time.at("metric"), "response_time{request=ping}");
  EXPECT_EQ(time.at("expr"), "p(99) < 30s");
  EXPECT_EQ(time.at("ok"), true);
  EXPECT_EQ(time.at("unit"), "s");
  EXPECT_DOUBLE_EQ(time.at("value").get<double>(),
                   summary.at("response_time").at("p99_ms").get<double>() / 1e3);
  EXPECT_EQ(summary.at("thresholds")[1].at("value"), 400.0);
}

TEST(Thresholds, ThatFailAreNamedWithTheirValues) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan(R"(get: /delay/20
rate: 100/s
duration: 2s
thresholds:
  - {metric: service_time, expr: min < 10ms}
  - {metric: requests, expr: count < 200}
  - {metric: dropped, expr: count == 0}
)"));
  const Completed done = cluster.Loadctl({"submit", plan, "--out", cluster.Path("report.json")});
  EXPECT_EQ(done.exit_code, 99) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("because threshold requests count < 200: 200"));

  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("verdict"), "failed");
  EXPECT_THAT(summary.at("reasons"), ElementsAre(HasSubstr("threshold service_time min < 10ms: 2"),
                                                 "threshold requests count < 200: 200"));
  EXPECT_EQ(summary.at("thresholds")[2].at("ok"), true);
}

// `once` is over long before `steady`: its windows end with it.
TEST(Thresholds, AreOfChecksGroupsTagsAndOfWhatEndsEarly) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", R"(
target: ${TARGET}
validity: {max_lateness_p99: 1m, max_worker_cpu: 100%}
scenarios:
  once: {executor: per-vu-iterations, flow: write, vus: 2, iterations: 5, max_duration: 10m}
  steady: {executor: constant-arrival-rate, flow: read, rate: 50/s, duration: 4s}
flows:
  write:
    steps:
      - group: save
        steps: [{request: write, post: /echo, body: a, tags: {kind: write}, expect: {body_contains: b}}]
    on_error: continue
  read: {steps: [{request: read, get: /ping, expect: {status: 200}}]}
thresholds:
  - {metric: "requests{scenario=once}", expr: rate > 0.1/s, over: 1s}
  - {metric: "response_time{scenario=once}", expr: max < 30s, over: 1s}
  - {metric: "group_duration{group=save}", expr: p(99) < 30s}
  - {metric: "iteration_duration{scenario=steady}", expr: max < 30s}
  - {metric: "checks{tag.kind=write}", expr: rate > 99.9%}
  - {metric: "checks{scenario=steady}", expr: count == 200}
  - {metric: "requests{group=save}", expr: count == 10}
)");
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  EXPECT_EQ(done.exit_code, 99) << done.out << done.err;

  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_THAT(summary.at("reasons"),
              ElementsAre("threshold checks{tag.kind=write} rate > 99.9%: 0%"));
  for (const json& request : summary.at("requests_by_name")) {
    const json tags = request.at("request") == "write" ? json{{"kind", "write"}} : json::object();
    EXPECT_EQ(request.at("tags"), tags);
  }
}

TEST(Thresholds, ThatAbortEndTheRunAsFailed) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan(R"(get: /status/503
rate: 100/s
duration: 10m
thresholds: [{metric: failed_requests, expr: rate < 1%, abort_on_fail: true}]
)"));
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  EXPECT_EQ(done.exit_code, 99) << done.out << done.err;

  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("verdict"), "failed");
  EXPECT_EQ(summary.at("thresholds")[0].at("aborted"), true);
  EXPECT_EQ(summary.at("thresholds")[0].at("value"), 100.0);
  EXPECT_LT(summary.at("duration_s"), 600.0);
  EXPECT_THAT(summary.at("notes").dump(), HasSubstr("the run was ended at"));
}

TEST(Outputs, OfThePlanAreWrittenBesideItAndTellOfEachThreshold) {
  TargetProcess target;
  TemporaryDirectory directory;
  const std::string plan = directory.Write("plan.yaml", Plan(R"(rate: 50/s
duration: 1s
thresholds: [{metric: requests, expr: count > 50}]
outputs: {junit: junit.xml, json: summary.json}
)"));
  const std::string markdown = directory.path() / "report.md";
  const Completed done =
      Loadctl({"run", plan, "--quiet", "--out", markdown}, {{"TARGET", target.url()}});
  EXPECT_EQ(done.exit_code, 99) << done.out << done.err;

  EXPECT_EQ(ReadSummary(directory.path() / "summary.json").at("verdict"), "failed");
  const auto content = [](const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  const std::string junit = content(directory.path() / "junit.xml");
  EXPECT_THAT(junit, HasSubstr("tests=\"2\" failures=\"1\" errors=\"0\""));
  EXPECT_THAT(junit, HasSubstr("<failure message=\"was 50\"/>"));
  EXPECT_THAT(content(markdown), HasSubstr("| requests | count \\> 50 | 50 | **failed** |"));
}

TEST(Thresholds, ThatAreWrongAreToldWithTheirPlace) {
  TemporaryDirectory directory;
  const std::string plan = directory.Write("plan.yaml", Plan(R"(rate: 100/s
duration: 1s
thresholds:
  - {metric: http_req_duration, expr: p(95) < 200}
)"));
  const Completed done = Loadctl({"validate", plan}, {{"TARGET", "http://127.0.0.1:1"}});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.err, HasSubstr("plan.yaml:"));
  EXPECT_THAT(done.err, HasSubstr(":14: `metric`: k6's `http_req_duration` starts at the send"));
}

}  // namespace
}  // namespace loadfleet
