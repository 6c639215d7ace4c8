// Agents that are not heard for a while, or only badly: what happens, and by when.
#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/fault/control_run.h"
#include "tests/fault/process_usage.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using Way = FaultProxy::Way;

// F2
TEST(SilentAgent, KilledLeavesTheOthersTheirRates) {
  FaultCluster cluster;
  const PlannedLoad load{.rate = 300, .duration = absl::Seconds(15)};
  SKIP_WHEN_BUSY(RunControl(cluster, load));
  cluster.Start(load);
  cluster.AwaitRequests(1'200);
  cluster.agent(2).process().Signal(SIGKILL);
  const absl::Time killed = absl::Now();
  cluster.Finish({.killed = {"a3"}});
  EXPECT_NEAR(
      RateBetween(cluster.truth().Log(), killed + absl::Seconds(1), killed + absl::Seconds(9)), 200,
      2);
}

// F4
TEST(SilentAgent, PausedForThreeSecondsIsLateAndNeverLost) {
  FaultCluster cluster;
  const PlannedLoad load{.rate = 300, .duration = absl::Seconds(15)};
  const ControlRun control = RunControl(cluster, load);
  SKIP_WHEN_BUSY(control);
  cluster.Start(load);
  cluster.AwaitRequests(900);
  cluster.agent(2).process().Signal(SIGSTOP);
  absl::SleepFor(absl::Seconds(3));
  cluster.agent(2).process().Signal(SIGCONT);
  const json summary = cluster.Finish();
  EXPECT_EQ(AgentOf(summary, "a3").at("state"), "done");
  EXPECT_EQ(summary.at("notes"), json::array());
  EXPECT_GE(summary.at("response_time").at("max_ms"), 2'500);
  EXPECT_GE(summary.at("lateness").at("max_ms"), 2'500);
  EXPECT_LE(summary.at("service_time").at("p99_ms"), 2 * control.service_p99_ms + 1);
  // Its backlog goes at no more than twice its own rate, I4.
  const std::vector<TruthServer::Request> truth = cluster.truth().Log();
  for (int second = 0; second < 14; ++second) {
    const absl::Time from = truth.front().at + absl::Seconds(second);
    EXPECT_LE(RateBetween(truth, from, from + absl::Seconds(1)), 400 * 1.05 + 3);
  }
}

// F10
TEST(SilentAgent, CutOffForTwentySecondsIsFencedAndLostInTime) {
  FaultCluster cluster;
  const PlannedLoad load{.rate = 300, .duration = absl::Seconds(26)};
  SKIP_WHEN_BUSY(RunControl(cluster, load));
  cluster.Start(load);
  cluster.AwaitRequests(600);
  const absl::Time cut = absl::Now();
  cluster.link(2).Stall(Way::kToServer);
  cluster.link(2).Stall(Way::kToClient);
  cluster.AwaitHealth(2, "lost");
  const absl::Time lost = absl::Now();
  absl::SleepFor(cut + absl::Seconds(20) - lost);
  cluster.link(2).Resume();
  const absl::Time fenced = LastOf(cluster.truth().Log(), "a3");
  cluster.Finish({.killed = {"a3"}});
  EXPECT_LE(fenced, cut + kLease + absl::Seconds(1));
  EXPECT_GE(lost, fenced) << "fencing comes before replacement";
  EXPECT_LE(lost, cut + kLease + absl::Seconds(2.5));
}

// F11
TEST(SilentAgent, BehindASlowLinkLosesNothing) {
  FaultCluster cluster;
  const PlannedLoad load{.rate = 300, .duration = absl::Seconds(20)};
  SKIP_WHEN_BUSY(RunControl(cluster, load));
  const int64_t memory = ResidentBytes(cluster.master().process());
  cluster.Start(load);
  for (size_t i = 0; i < cluster.agents(); ++i) {
    cluster.link(i).SetConditions({.delay = absl::Milliseconds(200),
                                   .jitter = absl::Milliseconds(100),
                                   .bytes_per_second = 8'000});
  }
  const absl::Time slow = absl::Now();
  cluster.AwaitRequests(5'000);
  EXPECT_NEAR(RateBetween(cluster.truth().Log(), slow + absl::Seconds(1), slow + absl::Seconds(14)),
              300, 3);
  for (size_t i = 0; i < cluster.agents(); ++i) EXPECT_EQ(cluster.HealthOf(i), "up");
  const json summary = cluster.Finish();
  EXPECT_EQ(summary.at("requests").at("completed"), 6'000);
  EXPECT_EQ(summary.at("verdict"), "passed") << summary.at("reasons");
  EXPECT_LE(ResidentBytes(cluster.master().process()), memory + (50 << 20));
}

// TCP's checksums let about one broken packet in ten million through; without TLS a proxy that
// breaks some is the worst that can be. Nobody crashes, and the other agents' numbers are exact.
TEST(SilentAgent, ThatIsMisheardHarmsNobodyElse) {
  FaultCluster cluster;
  cluster.Start({.rate = 300, .duration = absl::Seconds(12)});
  for (int i = 1; i <= 5; ++i) {
    cluster.AwaitRequests(static_cast<size_t>(300 * i));
    cluster.link(2).FlipBits(i % 2 == 0 ? Way::kToServer : Way::kToClient, 3);
  }
  const json summary = cluster.Finish({.killed = {"a3"}, .ended_early = true});
  for (const char* name : {"a1", "a2"}) {
    EXPECT_EQ(AgentOf(summary, name).at("requests").at("completed"), 1'200) << name;
  }
}

}  // namespace
}  // namespace loadfleet
