// An agent whose process ends without a word.
#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault/fault_cluster.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

// F2
TEST(KilledAgent, LeavesTheOthersTheirRates) {
  FaultCluster cluster;
  cluster.Start({.rate = 300, .duration = absl::Seconds(9)});
  cluster.AwaitRequests(600);
  cluster.agent(2).process().Signal(SIGKILL);
  const json summary = cluster.Finish({.killed = {"a3"}});

  // Slots are dealt like cards: each of three agents has a third of the arrivals.
  for (const char* survivor : {"a1", "a2"}) {
    EXPECT_EQ(AgentOf(summary, survivor).at("requests").at("intended"), 900) << survivor;
    EXPECT_EQ(cluster.truth().CountOf(survivor), 900u) << survivor;
  }
  EXPECT_EQ(AgentOf(summary, "a3").at("state"), "lost");
  EXPECT_LT(summary.at("coverage").get<double>(), 0.99);
  EXPECT_EQ(summary.at("verdict"), "invalid");
  EXPECT_THAT(summary.at("notes"), Contains(HasSubstr("agent a3 was lost at")));
}

TEST(KilledAgent, EndsARunThatAsksForIt) {
  FaultCluster cluster;
  cluster.Start({.rate = 300, .duration = absl::Seconds(60), .agents = "{on_loss: abort}"});
  cluster.agent(2).process().Signal(SIGKILL);
  const json summary = cluster.Finish({.killed = {"a3"}, .ended_early = true});
  EXPECT_EQ(summary.at("verdict"), "aborted");
  EXPECT_THAT(summary.at("reasons"), Contains(HasSubstr("agent a3 was lost at")));
}

// F5
TEST(KilledAgent, ThatComesBackAgainAndAgainIsOneAgent) {
  FaultCluster cluster({.agents = 2});
  for (int i = 0; i < 5; ++i) {
    cluster.RestartAgent(1);
    Process& process = cluster.agent(1).process();
    ASSERT_TRUE(process.WaitForLine("registered as a2", kPatience)) << process.err();
  }
  const json list = json::parse(cluster.Loadctl({"agents", "--json"}).out);
  EXPECT_EQ(list.size(), 2u) << list.dump(1);
}

}  // namespace
}  // namespace loadfleet
