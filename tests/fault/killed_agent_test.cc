// An agent whose process ends without a word.
#include <signal.h>

#include <cmath>
#include <map>

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

// F1
TEST(KilledAgent, HasItsShareTakenUpByTheOthers) {
  constexpr int64_t kRate = 150;
  constexpr int64_t kSeconds = 18;  // the lease, and some more on either side
  FaultCluster cluster;
  cluster.Start({.rate = kRate, .duration = absl::Seconds(kSeconds), .agents = "{min: 3}"});
  cluster.AwaitRequests(2 * kRate);
  cluster.agent(2).process().Signal(SIGKILL);
  const json summary = cluster.Finish({.killed = {"a3"}});

  ASSERT_EQ(summary.at("epochs").size(), 2u) << summary.at("epochs").dump(1);
  const json& epoch = summary.at("epochs")[1];
  EXPECT_THAT(epoch.at("reason").get<std::string>(), HasSubstr("a3"));
  ASSERT_EQ(epoch.at("shares").size(), 2u) << epoch.dump(1);
  // From then on every arrival of the plan is theirs: sent, or dropped by who heard of it late.
  std::map<int64_t, std::string> sender;
  for (const TruthServer::Request& request : cluster.truth().Log()) {
    sender[request.arrival] = request.agent;
  }
  const double from = epoch.at("from_s");
  const auto first = static_cast<int64_t>(std::ceil(from * kRate));
  ASSERT_LT(first, kSeconds * kRate);
  int64_t not_sent = 0;
  for (int64_t arrival = first; arrival < kSeconds * kRate; ++arrival) {
    if (!sender.contains(arrival)) ++not_sent;
    EXPECT_NE(sender[arrival], "a3") << arrival;
  }
  EXPECT_EQ(summary.at("requests").at("dropped"), not_sent);
  EXPECT_GT(summary.at("requests").at("unknown"), 0);
  EXPECT_EQ(summary.at("verdict"), "invalid");
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
