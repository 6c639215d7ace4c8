// Agents that are short of what a load needs: it is their own fault, and they say so. (F18)
#include <sys/resource.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault/fault_cluster.h"
#include "tests/fault/process_usage.h"
#include "tests/integration/summary.h"
#include "tests/support/namespaces.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

constexpr absl::Duration kDuration = absl::Seconds(5);

// The generator failed, not the target; and it did not spin over it.
void ExpectOwnFault(const json& summary, const std::string& outcome, double cpu_seconds) {
  EXPECT_GT(summary.at("outcomes").value(outcome, 0), 0) << summary.at("outcomes");
  EXPECT_EQ(summary.at("verdict"), "invalid");
  EXPECT_THAT(summary.at("reasons"), Contains(HasSubstr("the generator sent only")));
  EXPECT_LT(cpu_seconds, absl::ToDoubleSeconds(kDuration) / 2);
}

TEST(ScarceAgent, WithoutDescriptorsForThePlanRefusesIt) {
  FaultCluster cluster({.agents = 1, .before_agents = {"prlimit", "--nofile=256:256"}});
  const std::string plan = cluster.Write("plan.yaml", PlanOf({}));
  const Completed done = cluster.Loadctl({"submit", plan, "--quiet"});
  EXPECT_EQ(done.exit_code, 4) << done.out << done.err;
  EXPECT_THAT(done.out + done.err, HasSubstr("its limit is 256 descriptors"));
}

TEST(ScarceAgent, ThatRunsOutOfDescriptorsAccusesItself) {
  FaultCluster cluster({.agents = 1});
  const PlannedLoad load{.rate = 300, .duration = kDuration, .agents = "{start_delay: 2s}"};
  const std::string plan = cluster.Write("plan.yaml", PlanOf(load));
  Process& agent = cluster.agent(0).process();
  const double before = CpuSeconds(agent);
  const auto submit =
      cluster.StartLoadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  // It has said that it has enough, and has not begun yet.
  ASSERT_TRUE(agent.WaitForLine(": started", kPatience)) << agent.err();
  const rlimit no_more{3, 3};  // it holds the first three, and many others
  ASSERT_EQ(prlimit(agent.pid(), RLIMIT_NOFILE, &no_more, nullptr), 0);
  ASSERT_TRUE(submit->Wait(kPatience).has_value());
  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectInvariants(summary, cluster.truth().Log(), load);
  ExpectOwnFault(summary, "out_of_descriptors", CpuSeconds(agent) - before);
}

TEST(ScarceAgent, ThatRunsOutOfPortsAccusesItself) {
  if (!MayMakeNamespaces()) GTEST_SKIP() << "NOT TESTED: only root can take ports away";
  NetworkNamespace network;
  network.SetLocalPorts(40'000, 40'199);
  FaultCluster cluster({.agents = 1});
  Process& agent = cluster.agent(0).process();
  const double before = CpuSeconds(agent);
  cluster.Start({.rate = 500,
                 .duration = kDuration,
                 .more = "defaults: {http: {connections: {keep_alive: false}}}\n"});
  const json summary = cluster.Finish();
  ExpectOwnFault(summary, "out_of_ports", CpuSeconds(agent) - before);
}

}  // namespace
}  // namespace loadfleet
