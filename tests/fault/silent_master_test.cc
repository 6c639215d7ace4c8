// A master that stands still, or waits for its disk; and those who watch it. (F20, F21)
#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/fault/control_run.h"
#include "tests/fault/process_usage.h"
#include "tests/support/namespaces.h"

namespace loadfleet {
namespace {

using nlohmann::json;

TEST(SilentMaster, PausedForThreeSecondsIsNotNoticedByTheLoad) {
  FaultCluster cluster;
  const PlannedLoad load{.rate = 300, .duration = absl::Seconds(15)};
  SKIP_WHEN_BUSY(RunControl(cluster, load));
  cluster.Start(load);
  cluster.AwaitRequests(900);
  const absl::Time paused = absl::Now();
  cluster.master().process().Signal(SIGSTOP);
  absl::SleepFor(absl::Seconds(3));
  cluster.master().process().Signal(SIGCONT);
  cluster.AwaitRequests(3'000);
  for (size_t i = 0; i < cluster.agents(); ++i) EXPECT_EQ(cluster.HealthOf(i), "up");
  const json summary = cluster.Finish();
  EXPECT_EQ(summary.at("verdict"), "passed") << summary.at("reasons");
  EXPECT_EQ(summary.at("requests").at("completed"), 4'500);
  EXPECT_EQ(summary.at("notes"), json::array());
  EXPECT_NEAR(RateBetween(cluster.truth().Log(), paused, paused + absl::Seconds(6)), 300, 6);
}

TEST(SilentMaster, PausedBeyondTheLeaseFencesEveryAgentAndLosesNoWindow) {
  FaultCluster cluster;
  const PlannedLoad load{.rate = 300, .duration = absl::Seconds(40)};
  SKIP_WHEN_BUSY(RunControl(cluster, load));
  cluster.Start(load);
  cluster.AwaitRequests(900);
  const absl::Time paused = absl::Now();
  cluster.master().process().Signal(SIGSTOP);
  absl::SleepFor(absl::Seconds(20));
  const absl::Time last = LastOf(cluster.truth().Log(), "");
  cluster.master().process().Signal(SIGCONT);
  const absl::Time woken = absl::Now();
  const json summary = cluster.Finish({.ended_early = true});
  EXPECT_LE(last, paused + kLease + absl::Seconds(1));
  // It was the master that slept: its agents are heard again before they are judged.
  for (const json& agent : summary.at("agents")) {
    EXPECT_EQ(agent.at("state"), "done") << agent.dump(1);
    EXPECT_EQ(agent.at("requests").at("completed"),
              cluster.truth().CountOf(agent.at("agent").get<std::string>()));
  }
  // What was due meanwhile is not made up for.
  EXPECT_LE(RateBetween(cluster.truth().Log(), woken, woken + absl::Seconds(3)), 300 * 1.05 + 3);
}

class StalledDisk : public ::testing::TestWithParam<int> {};

TEST_P(StalledDisk, HoldsBackAcknowledgementsNeverTheLoad) {
  if (!MayMakeNamespaces()) GTEST_SKIP() << "NOT TESTED: only root can freeze a disk";
  const absl::Duration stall = absl::Seconds(GetParam());
  TemporaryDirectory directory;
  Disk disk(Disk::Kind::kFile, directory.path() / "disk", 32 << 20);
  FaultCluster cluster({.data = disk.path() + "/data"});
  const PlannedLoad load{.rate = 300, .duration = stall + absl::Seconds(10)};
  SKIP_WHEN_BUSY(RunControl(cluster, load));
  const int64_t memory = ResidentBytes(cluster.master().process());
  cluster.Start(load);
  cluster.AwaitRequests(900);
  const absl::Time frozen = absl::Now();
  disk.Freeze();
  absl::SleepFor(stall);
  const int64_t grown = ResidentBytes(cluster.master().process()) - memory;
  disk.Thaw();
  const json summary = cluster.Finish();
  EXPECT_EQ(summary.at("verdict"), "passed") << summary.at("reasons");
  EXPECT_EQ(summary.at("requests").at("completed"), 300 * (GetParam() + 10));
  EXPECT_NEAR(RateBetween(cluster.truth().Log(), frozen, frozen + stall), 300, 6);
  EXPECT_LE(grown, 50 << 20);
}

INSTANTIATE_TEST_SUITE_P(Seconds, StalledDisk, testing::Values(5, 60));

TEST(SilentMaster, IsNotHeldUpByAWatcherThatStandsStill) {
  FaultCluster cluster;
  const PlannedLoad load{.rate = 300, .duration = absl::Seconds(15)};
  cluster.Start(load);
  cluster.submit().Signal(SIGSTOP);
  cluster.AwaitRequests(3'000);
  EXPECT_EQ(cluster.Loadctl({"runs"}).exit_code, 0);
  cluster.AwaitRequests(4'500);
  cluster.submit().Signal(SIGCONT);
  const json summary = cluster.Finish();
  EXPECT_EQ(summary.at("verdict"), "passed") << summary.at("reasons");
}

}  // namespace
}  // namespace loadfleet
