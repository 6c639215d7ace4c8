// An agent whose process stands still, and wakes up again.
#include <signal.h>

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/fault/fault_cluster.h"

namespace loadfleet {
namespace {

using nlohmann::json;

// F3
TEST(PausedAgent, BeyondItsLeaseSendsNothingThatWasDueMeanwhile) {
  constexpr int64_t kRate = 150;
  FaultCluster cluster;
  cluster.Start({.rate = kRate, .duration = absl::Seconds(20)});
  cluster.AwaitRequests(2 * kRate);
  cluster.agent(2).process().Signal(SIGSTOP);
  const absl::Time stopped = absl::Now();
  cluster.AwaitHealth(2, "lost");
  const absl::Time woken = absl::Now();
  cluster.agent(2).process().Signal(SIGCONT);
  const json summary = cluster.Finish({.killed = {"a3"}});

  // When the first arrival was due at the latest, and with it every other one.
  const std::vector<TruthServer::Request> truth = cluster.truth().Log();
  absl::Time start = truth.front().at;
  for (const TruthServer::Request& request : truth) {
    start = std::min(start, request.at - absl::Seconds(request.arrival) / kRate);
  }
  for (const TruthServer::Request& request : truth) {
    if (request.agent != "a3" || request.at < woken) continue;
    const absl::Time due = start + absl::Seconds(request.arrival) / kRate;
    EXPECT_FALSE(due > stopped + absl::Seconds(1) && due < woken - absl::Seconds(1))
        << "arrival " << request.arrival << " was due while its agent was fenced";
  }
  // Nobody has its share meanwhile: it gets it back, by an epoch that is new.
  EXPECT_GE(summary.at("epochs").size(), 2u) << summary.at("epochs").dump(1);
  EXPECT_EQ(summary.at("requests").at("unknown"), 0);
  // What it had done before came back with it, once.
  const json lost = AgentOf(summary, "a3");
  EXPECT_EQ(lost.at("requests").at("completed"), cluster.truth().CountOf("a3")) << lost.dump(1);
}

}  // namespace
}  // namespace loadfleet
