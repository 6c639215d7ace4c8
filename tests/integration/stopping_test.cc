// A run that ends before its time, and daemons that are told to go.
#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"
#include "tests/support/eventually.h"

namespace loadfleet {
namespace {

using nlohmann::json;

bool Loaded(Cluster& cluster) {
  return Eventually([&] { return cluster.target().Requests() > 0; }, kPatience);
}

TEST(Stopping, ByCtrlCLeavesAReportOfWhatWasDone) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan("rate: 200/s\nduration: 10m\n"));
  const std::unique_ptr<Process> submit =
      cluster.StartLoadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  ASSERT_TRUE(Loaded(cluster)) << submit->err();

  submit->Signal(SIGINT);
  EXPECT_EQ(submit->Wait(kPatience), 4) << submit->err();
  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("verdict"), "aborted");
  EXPECT_EQ(summary.at("requests").at("completed"), cluster.target().Requests());
}

TEST(Stopping, ByAnotherPersonEndsTheRunForEverybody) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan("rate: 200/s\nduration: 10m\n"));
  const std::unique_ptr<Process> submit =
      cluster.StartLoadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  ASSERT_TRUE(Loaded(cluster)) << submit->err();

  const Completed stop = cluster.Loadctl({"stop"});
  EXPECT_EQ(stop.exit_code, 0) << stop.err;
  EXPECT_EQ(submit->Wait(kPatience), 4) << submit->err();
  ExpectAccountedFor(ReadSummary(cluster.Path("report.json")));
}

TEST(Stopping, AnIdleAgentSaysGoodbye) {
  Cluster cluster;
  cluster.agent(2).process().Signal(SIGTERM);
  EXPECT_EQ(cluster.agent(2).process().Wait(kPatience), 0) << cluster.agent(2).process().err();
}

TEST(Stopping, AnAgentInARunDeliversWhatItDid) {
  Cluster cluster;
  const std::string plan = cluster.Write("plan.yaml", Plan("rate: 200/s\nduration: 3s\n"));
  const std::unique_ptr<Process> submit =
      cluster.StartLoadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  ASSERT_TRUE(Loaded(cluster)) << submit->err();

  cluster.agent(0).process().Signal(SIGTERM);
  EXPECT_EQ(cluster.agent(0).process().Wait(kPatience), 0) << cluster.agent(0).process().err();
  // Whether a third of the load may be missing is for the plan's `validity` to say; that none of
  // what was done is lost is what is promised here.
  ASSERT_TRUE(submit->Wait(kPatience).has_value());
  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("requests").at("completed"), cluster.target().Requests());
}

TEST(Stopping, AMasterEndsInOrder) {
  Cluster cluster;
  cluster.master().process().Signal(SIGTERM);
  EXPECT_EQ(cluster.master().process().Wait(kPatience), 0) << cluster.master().process().err();
}

}  // namespace
}  // namespace loadfleet
