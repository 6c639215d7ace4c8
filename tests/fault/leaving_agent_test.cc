// Agents that leave in order, loads that are stopped, and agents that may not join. (F19)
#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <grpcpp/client_context.h>

#include "common/net/rpc_channel.h"
#include "common/protocol.h"
#include "loadfleet/v1/fleet.grpc.pb.h"
#include "tests/fault/fault_cluster.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(LeavingAgent, DeliversAllThatItDidAndLeavesTheOthersTheirRates) {
  FaultCluster cluster;
  cluster.Start({.rate = 300, .duration = absl::Seconds(6)});
  cluster.AwaitRequests(600);
  cluster.agent(2).process().Signal(SIGTERM);
  EXPECT_EQ(cluster.agent(2).process().Wait(kPatience), 0) << cluster.agent(2).process().err();
  const size_t of_leaver = cluster.truth().CountOf("a3");
  const json summary = cluster.Finish({.ended_early = true});

  const json leaver = AgentOf(summary, "a3");
  EXPECT_EQ(leaver.at("requests").at("completed"), of_leaver);
  EXPECT_EQ(leaver.at("reconciled"), true);
  EXPECT_EQ(cluster.truth().CountOf("a3"), of_leaver) << "it sent after it had gone";
  for (const char* survivor : {"a1", "a2"}) {
    EXPECT_GE(cluster.truth().CountOf(survivor), 600u) << survivor;
  }
}

TEST(LeavingAgent, StopAllLeavesNoLoad) {
  FaultCluster cluster;
  cluster.Start({.rate = 300, .duration = absl::Seconds(600)});
  const Completed stop = cluster.Loadctl({"stop", "--all"});
  EXPECT_EQ(stop.exit_code, 0) << stop.err;
  const json summary = cluster.Finish({.ended_early = true});
  EXPECT_EQ(summary.at("verdict"), "aborted");
  // What the report has is all there is: the agents are free, and nothing follows.
  const size_t sent = cluster.truth().Count();
  EXPECT_EQ(summary.at("requests").at("completed"), sent);
  cluster.Start({.rate = 100, .duration = absl::Seconds(1)});
  EXPECT_EQ(cluster.Finish().at("verdict"), "passed");
}

TEST(LeavingAgent, OfAnotherProtocolNeverJoins) {
  FaultCluster cluster({.agents = 1});
  const auto stub = v1::Fleet::NewStub(NewMasterChannel(cluster.master_address()));
  grpc::ClientContext context;
  const auto stream = stub->Control(&context);
  v1::AgentMessage hello;
  hello.mutable_register_()->mutable_protocol()->set_major(kProtocolMajor + 1);
  hello.mutable_register_()->set_agent_id("newer");
  hello.mutable_register_()->set_version("99.0.0");
  ASSERT_TRUE(stream->Write(hello));
  v1::MasterMessage answer;
  ASSERT_TRUE(stream->Read(&answer));
  const std::string& reason = answer.refused().reason();
  EXPECT_THAT(reason, HasSubstr("99.0.0"));
  EXPECT_THAT(reason, HasSubstr(kVersion));
  EXPECT_FALSE(stream->Read(&answer)) << "the stream goes on";
  stream->Finish();
  EXPECT_EQ(json::parse(cluster.Loadctl({"agents", "--json"}).out).size(), 1u);
}

}  // namespace
}  // namespace loadfleet
