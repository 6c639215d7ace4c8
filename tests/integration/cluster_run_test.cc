// A plan through master, three agents and back: the numbers that come back are those of the target.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"
#include "tests/support/eventually.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::vector<std::string> AgentNames(const json& summary) {
  std::vector<std::string> names;
  for (const json& agent : summary.at("agents")) names.push_back(agent.at("agent"));
  return names;
}

TEST(ClusterRun, CountsWhatTheTargetCounts) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan("rate: 300/s\nduration: 2s\n"));
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;

  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("version"), 1);
  EXPECT_EQ(summary.at("verdict"), "passed");
  EXPECT_EQ(summary.at("coverage"), 1.0);
  EXPECT_EQ(summary.at("rate").at("planned"), 300.0);
  EXPECT_EQ(summary.at("requests").at("intended"), 600);
  EXPECT_EQ(summary.at("requests").at("failed"), 0);
  EXPECT_EQ(summary.at("requests").at("completed"), cluster.target().Requests());
  EXPECT_EQ(summary.at("status").at("200"), cluster.target().Requests());
}

TEST(ClusterRun, GivesEveryAgentItsShare) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan("rate: 300/s\nduration: 2s\n"));
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;

  const json summary = ReadSummary(cluster.Path("report.json"));
  EXPECT_THAT(AgentNames(summary), UnorderedElementsAre("a1", "a2", "a3"));
  for (const json& agent : summary.at("agents")) {
    // Slots are dealt like cards: of 600 arrivals each of three agents has 200.
    EXPECT_EQ(agent.at("requests").at("intended"), 200) << agent.dump();
    EXPECT_EQ(agent.at("state"), "done");
  }
}

TEST(ClusterRun, KeepsVirtualUsersBusyUntilTheTimeIsOver) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan("vus: 6\nduration: 1s\n"));
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;

  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_TRUE(summary.at("rate").at("planned").is_null()) << "virtual users have no schedule";
  EXPECT_GE(summary.at("requests").at("completed"), 6);
  EXPECT_EQ(summary.at("requests").at("completed"), cluster.target().Requests());
  EXPECT_EQ(AgentNames(summary).size(), 3u);
}

TEST(ClusterRun, TellsFailedStatusesFromFailedRequests) {
  Cluster cluster;
  const std::string plan =
      cluster.Write("plan.yaml", Plan("get: /status/503\nrate: 100/s\nduration: 1s\n"));
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  EXPECT_EQ(done.exit_code, 99) << "not one response was a success\n" << done.out << done.err;

  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("verdict"), "failed");
  EXPECT_EQ(summary.at("status").at("503"), cluster.target().Requests());
  EXPECT_EQ(summary.at("requests").at("completed"), cluster.target().Requests());
  EXPECT_EQ(summary.at("requests").at("failed"), cluster.target().Requests());
}

TEST(ClusterRun, OrdersTheQuantilesOfEveryTime) {
  Cluster cluster;
  const std::string plan =
      cluster.Write("plan.yaml", Plan("get: /delay/20\nrate: 100/s\nduration: 1s\n"));
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;

  const json summary = ReadSummary(cluster.Path("report.json"));
  for (const char* time : {"response_time", "service_time", "queue_wait", "lateness"}) {
    const json& values = summary.at(time);
    SCOPED_TRACE(time + values.dump());
    double before = 0;
    for (const char* quantile : {"p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms"}) {
      const double value = values.at(quantile);
      EXPECT_GE(value, before) << quantile;
      before = value;
    }
  }
  // The target waits that long before it answers: nothing can be faster.
  EXPECT_GE(summary.at("service_time").at("p50_ms"), 20.0 * 0.999);
  EXPECT_GE(summary.at("response_time").at("p50_ms"), summary.at("service_time").at("p50_ms"));
}

TEST(ClusterRun, CanBeFollowedByAnother) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan("rate: 100/s\nduration: 1s\n"));
  for (const char* report : {"first.json", "second.json"}) {
    const Completed done =
        cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path(report)});
    ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
  }

  const json first = ReadSummary(cluster.Path("first.json"));
  const json second = ReadSummary(cluster.Path("second.json"));
  ExpectAccountedFor(first);
  ExpectAccountedFor(second);
  EXPECT_NE(first.at("run"), second.at("run"));
  EXPECT_EQ(first.at("requests").at("completed").get<int64_t>() +
                second.at("requests").at("completed").get<int64_t>(),
            cluster.target().Requests());

  const Completed runs = cluster.Loadctl({"runs"});
  EXPECT_EQ(runs.exit_code, 0) << runs.err;
  EXPECT_THAT(runs.out, HasSubstr(first.at("run").get<std::string>()));
  EXPECT_THAT(runs.out, HasSubstr(second.at("run").get<std::string>()));
}

TEST(ClusterRun, IsKeptByTheMaster) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan("rate: 100/s\nduration: 1s\n"));
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
  const json summary = ReadSummary(cluster.Path("report.json"));

  const Completed kept = cluster.Loadctl(
      {"report", summary.at("run").get<std::string>(), "--out", cluster.Path("again.json")});
  ASSERT_EQ(kept.exit_code, 0) << kept.err;
  EXPECT_EQ(ReadSummary(cluster.Path("again.json")), summary);
}

TEST(ClusterRun, RefusesASecondWhileTheAgentsAreBusy) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan("rate: 100/s\nduration: 10m\n"));
  const std::unique_ptr<Process> running = cluster.StartLoadctl({"submit", plan});
  ASSERT_TRUE(Eventually([&] { return cluster.target().Requests() > 0; }, kPatience))
      << running->err();

  const Completed second = cluster.Loadctl({"submit", plan, "--quiet"});
  EXPECT_EQ(second.exit_code, 5) << second.out;
  EXPECT_THAT(second.err, HasSubstr("a1 runs r-0001"));

  const Completed stop = cluster.Loadctl({"stop", "--all"});
  EXPECT_EQ(stop.exit_code, 0) << stop.err;
  EXPECT_EQ(running->Wait(kPatience), 4) << running->err();
}

}  // namespace
}  // namespace loadfleet
