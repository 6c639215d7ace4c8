// Flows of many steps through a whole cluster: what its agents count of iterations, groups and
// checks adds up, and they draw the same whatever their number.
#include <map>

#include <gtest/gtest.h>

#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"

namespace loadfleet {
namespace {

using nlohmann::json;

// 300 arrivals within a second and a half, each one of two flows.
constexpr char kFlows[] = R"(
target: ${TARGET}
seed: 7
validity: {max_lateness_p99: 1m, max_worker_cpu: 100%}
scenarios:
  main:
    executor: constant-arrival-rate
    rate: 200/s
    duration: 1500ms
    flows: [{flow: long, weight: 2}, {flow: short}]
flows:
  long:
    steps:
      - group: pair
        steps:
          - request: first
            post: /echo
            json: {id: "{{ arrival }}-{{ random_int(1, 1000) }}"}
            capture: {id: {json: $.id}}
          - think: {min: 1ms, max: 20ms}
          - request: second
            post: /echo
            body: "id={{ id }}"
            expect: {status: 200, body_matches: "^id=[0-9]+-[0-9]+$"}
      - repeat: 2
        steps: [{request: third, get: /status/404, expect: {status: 404}}]
  short:
    steps: [{request: only, get: /ping, expect: {status: 201}}]
)";

json RunOn(int agents) {
  Cluster cluster(agents);
  const std::string plan = cluster.Write("plan.yaml", kFlows);
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("requests").at("completed"), cluster.target().Requests());
  return summary;
}

std::map<std::string, int64_t> StartedByName(const json& summary) {
  std::map<std::string, int64_t> started;
  for (const json& request : summary.at("requests_by_name")) {
    started[request.at("request")] = request.at("requests").at("started");
  }
  return started;
}

TEST(Flows, AreTheSameWhateverTheNumberOfAgents) {
  const json one = RunOn(1);
  const json three = RunOn(3);
  EXPECT_EQ(StartedByName(one), StartedByName(three)) << "the same arrivals chose the same flows";

  std::map<std::string, int64_t> started = StartedByName(three);
  const int64_t longs = started["first"];
  EXPECT_EQ(longs + started["only"], 300);
  EXPECT_GT(longs, started["only"]);
  EXPECT_EQ(started["second"], longs);
  EXPECT_EQ(started["third"], 2 * longs);

  EXPECT_EQ(three.at("iterations").at("intended"), 300);
  EXPECT_EQ(three.at("iterations").at("completed"), longs);
  EXPECT_EQ(three.at("iterations").at("failed"), started["only"])
      << "200 is not the 201 it expects";
  ASSERT_EQ(three.at("groups").size(), 1u);
  EXPECT_EQ(three.at("groups")[0].at("group"), "pair");
  EXPECT_EQ(three.at("groups")[0].at("group_duration").at("count"), longs);
  // A capture, two expectations and twice one of each long flow.
  EXPECT_EQ(three.at("checks").at("passed"), 5 * longs);
  EXPECT_EQ(three.at("checks").at("failed"), started["only"]);
  EXPECT_EQ(three.at("requests").at("failed"), 0) << "a 404 that is expected is a success";
  EXPECT_DOUBLE_EQ(three.at("rate").at("planned"), 200 * (2 * 4 + 1) / 3.0);
}

}  // namespace
}  // namespace loadfleet
