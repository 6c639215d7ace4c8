// The two listeners as Prometheus and a container's health check see them.
#include <gmock/gmock.h>

#include "agent/web/agent_web.h"
#include "master/web/master_web.h"
#include "tests/unit/web/raw_http.h"
#include "tests/unit/web/sample_cluster.h"

namespace loadfleet {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(MasterWeb, ShowsTheNewestSnapshotAndTheProcess) {
  auto shown = std::make_shared<const ClusterSnapshot>();
  auto web = MasterWeb::Start("127.0.0.1:0", false, [&shown] { return shown; });
  ASSERT_TRUE(web.ok()) << web.status();
  EXPECT_THAT(Get((*web)->port(), "/metrics"), HasSubstr("loadfleet_agents{health=\"up\"} 0\n"));

  shown = std::make_shared<const ClusterSnapshot>(SampleCluster());
  const std::string page = Get((*web)->port(), "/metrics");
  EXPECT_THAT(page, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(page, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(page, HasSubstr("loadfleet_agents{health=\"up\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("\nprocess_cpu_seconds_total "));
}

TEST(MasterWeb, IsDegradedWhileTheStoreCannotCommit) {
  auto shown = std::make_shared<ClusterSnapshot>();
  auto web = MasterWeb::Start("127.0.0.1:0", false, [&shown] { return shown; });
  ASSERT_TRUE(web.ok()) << web.status();
  EXPECT_THAT(Get((*web)->port(), "/healthz"), EndsWith("\r\n\r\nok\n"));
  shown->store_healthy = false;
  const std::string reply = Get((*web)->port(), "/healthz");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(reply, EndsWith("degraded: the store cannot commit\n"));
}

TEST(AgentWeb, IsHealthyOnlyWithAMasterAndALease) {
  AgentCondition condition;
  auto web = AgentWeb::Start("127.0.0.1:0", false, [&condition] { return condition; });
  ASSERT_TRUE(web.ok()) << web.status();
  EXPECT_THAT(Get((*web)->port(), "/healthz"), EndsWith("not registered with the master\n"));
  condition.registered = true;
  EXPECT_THAT(Get((*web)->port(), "/healthz"), StartsWith("HTTP/1.1 503 "));
  condition.lease_left = kSecond;
  EXPECT_THAT(Get((*web)->port(), "/healthz"), EndsWith("\r\n\r\nok\n"));
}

TEST(AgentWeb, ShowsTheAgentsOwnCondition) {
  AgentCondition condition;
  condition.state = v1::AGENT_STATE_RUNNING;
  condition.lease_left = 1500 * kMillisecond;
  condition.unacknowledged_windows = 3;
  auto web = AgentWeb::Start("127.0.0.1:0", false, [&condition] { return condition; });
  ASSERT_TRUE(web.ok()) << web.status();
  const std::string page = Get((*web)->port(), "/metrics");
  EXPECT_THAT(page, HasSubstr("\nloadfleet_generator_registered 0\n"));
  EXPECT_THAT(page, HasSubstr("\nloadfleet_generator_lease_remaining_seconds 1.5\n"));
  EXPECT_THAT(page, HasSubstr("\nloadfleet_generator_run_in_progress 1\n"));
  EXPECT_THAT(page, HasSubstr("\nloadfleet_generator_state{state=\"running\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("\nloadfleet_generator_unacknowledged_windows 3\n"));
}

}  // namespace
}  // namespace loadfleet
