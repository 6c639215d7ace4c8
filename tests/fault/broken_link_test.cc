// The link between an agent and its master, broken in the ways of networks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/fault/fault_cluster.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"

namespace loadfleet {
namespace {

using nlohmann::json;

// The value of a metric without labels on the agent's page.
double MetricOf(const AgentProcess& agent, const std::string& name) {
  const auto page = HttpGet(agent.http_port(), "/metrics");
  if (!page.ok()) return -1;
  const size_t line = page->body.find("\n" + name + " ");
  return line == page->body.npos ? -1 : std::stod(page->body.substr(line + name.size() + 2));
}

void AwaitUnacknowledged(const AgentProcess& agent, double windows) {
  EXPECT_TRUE(Eventually(
      [&] { return MetricOf(agent, "loadfleet_generator_unacknowledged_windows") >= windows; },
      kPatience));
}

// F10
TEST(BrokenLink, SilentForLessThanALeaseCostsNothing) {
  FaultCluster cluster;
  cluster.Start({.rate = 300, .duration = absl::Seconds(8)});
  cluster.AwaitRequests(300);
  cluster.link(2).Stall(FaultProxy::Way::kToServer);
  cluster.link(2).Stall(FaultProxy::Way::kToClient);
  AwaitUnacknowledged(cluster.agent(2), 2);
  cluster.link(2).Resume();
  const json summary = cluster.Finish();
  EXPECT_EQ(summary.at("verdict"), "passed") << summary.at("reasons");
  EXPECT_EQ(summary.at("requests").at("completed"), 2'400);
}

// F10
TEST(BrokenLink, ThatOnlyTheMasterCannotUseFencesTheAgent) {
  FaultCluster cluster;
  cluster.Start({.rate = 150, .duration = absl::Seconds(12)});
  cluster.AwaitRequests(150);
  cluster.link(2).Stall(FaultProxy::Way::kToClient);
  EXPECT_TRUE(Eventually(
      [&] {
        return MetricOf(cluster.agent(2), "loadfleet_generator_lease_remaining_seconds") == 0;
      },
      kPatience));
  const size_t before = cluster.truth().CountOf("a3");
  cluster.AwaitRequests(cluster.truth().Count() + 200);
  EXPECT_EQ(cluster.truth().CountOf("a3"), before) << "a fenced agent sends nothing";
  cluster.link(2).Resume();
  cluster.Finish({.killed = {"a3"}});
}

// F12
TEST(BrokenLink, ThatLosesAcknowledgementsCountsNothingTwice) {
  FaultCluster cluster;
  cluster.Start({.rate = 300, .duration = absl::Seconds(10)});
  for (int i = 1; i <= 3; ++i) {
    cluster.AwaitRequests(static_cast<size_t>(600 * i));
    // The windows get to the master, its answers do not get back.
    cluster.link(2).Stall(FaultProxy::Way::kToClient);
    AwaitUnacknowledged(cluster.agent(2), 2);
    cluster.link(2).Reset();
    cluster.link(2).Resume();
  }
  const json summary = cluster.Finish();
  EXPECT_EQ(summary.at("requests").at("completed"), 3'000);
  EXPECT_GT(AgentOf(summary, "a3").at("windows").at("duplicate"), 0) << "nothing was broken";
}

TEST(BrokenLink, ThatEndsOneWayIsMadeAnew) {
  FaultCluster cluster;
  cluster.Start({.rate = 300, .duration = absl::Seconds(6)});
  for (const FaultProxy::Way way : {FaultProxy::Way::kToClient, FaultProxy::Way::kToServer}) {
    const int before = cluster.link(0).accepted();
    cluster.link(0).HalfClose(way);
    EXPECT_TRUE(Eventually([&] { return cluster.link(0).accepted() >= before + 2; }, kPatience));
  }
  const json summary = cluster.Finish();
  EXPECT_EQ(summary.at("requests").at("completed"), 1'800);
}

}  // namespace
}  // namespace loadfleet
