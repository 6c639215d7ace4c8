// What is done once: setup, teardown, and every flow of `run --once`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"
#include "tests/unit/master/cluster_fixture.h"

namespace loadfleet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = v1::MasterMessage::KindCase;

// --- setup and teardown ---

TEST_F(ClusterTest, SetupComesBeforeAnyAgentPreparesAndItsCapturesGoToAll) {
  FakeAgent first = Join("a1");
  FakeAgent second = Join("a2");
  const std::string run_id = Submit(WithSetupAndTeardown());
  Watch(run_id);
  const v1::RunOnce once = first.control->Last(Kind::kOnce).once();
  EXPECT_EQ(once.flow(), 1u);
  EXPECT_EQ(once.timeout_ns(), limits::kOnceTime);
  EXPECT_EQ(second.control->Count(Kind::kOnce), 0) << "one agent does it";
  EXPECT_EQ(first.control->Count(Kind::kPrepare), 0);
  EXPECT_EQ(snapshot_->state(), v1::RUN_STATE_PREPARING);
  OnceDone(first, run_id);
  for (const FakeAgent* agent : std::vector<FakeAgent*>{&first, &second}) {
    ASSERT_EQ(agent->control->Count(Kind::kPrepare), 1);
    EXPECT_EQ(agent->control->Last(Kind::kPrepare).prepare().plan().setup_values().at("token"),
              "t-1");
  }
}

TEST_F(ClusterTest, AFailedSetupAbortsTheRunAndNothingIsPreparedNorTornDown) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit(WithSetupAndTeardown());
  Watch(run_id);
  OnceDone(agent, run_id, false);
  posts_.RunOne();  // the report is committed
  Heartbeat(agent, v1::AGENT_STATE_IDLE);
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  EXPECT_EQ(snapshot_->report().verdict(), v1::VERDICT_ABORTED);
  EXPECT_THAT(snapshot_->report().reasons(), Contains("setup failed: login: got status 500"));
  EXPECT_EQ(agent.control->Count(Kind::kPrepare), 0);
  EXPECT_EQ(agent.control->Count(Kind::kOnce), 1);
}

TEST_F(ClusterTest, ASetupThatIsNeverAnsweredAbortsTheRun) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit(WithSetupAndTeardown());
  Watch(run_id);
  for (Nanos waited = 0; waited < limits::kOnceTime + limits::kDeliveryTime; waited += kSecond) {
    Heartbeat(agent, v1::AGENT_STATE_IDLE);
    Advance(kSecond);
  }
  posts_.RunOne();  // the report is committed
  Heartbeat(agent, v1::AGENT_STATE_IDLE);
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  EXPECT_THAT(snapshot_->report().reasons(), Contains("setup was not done within 1m by agent a1"));
}

TEST_F(ClusterTest, AStopInSetupReachesWhoDoesItAndIsFollowedByNoTeardown) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit(WithSetupAndTeardown());
  v1::StopRequest stop;
  stop.set_run_id(run_id);
  EXPECT_TRUE(cluster_.Stop(stop).ok());
  EXPECT_EQ(agent.control->Last(Kind::kStop).stop().run_id(), run_id);
  posts_.RunOne();  // the report is committed
  OnceDone(agent, run_id);
  EXPECT_EQ(agent.control->Count(Kind::kPrepare), 0);
  EXPECT_EQ(agent.control->Count(Kind::kOnce), 1);
}

TEST_F(ClusterTest, AnAgentLostInSetupAbortsTheRun) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit(WithSetupAndTeardown());
  Watch(run_id);
  cluster_.OnGoodbye(agent.control.get(), v1::Goodbye());
  posts_.RunOne();   // the report is committed
  Advance(kSecond);  // nobody is left who would say anything
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  EXPECT_EQ(snapshot_->report().verdict(), v1::VERDICT_ABORTED);
}

class TeardownTest : public ClusterTest {
 protected:
  TeardownTest() {
    run_id_ = Submit(WithSetupAndTeardown());
    Watch(run_id_);
    OnceDone(first_, run_id_);
    StartRun(run_id_, {&first_, &second_});
  }
  // Until everything is in, and teardown is on its way.
  void EndLoad() {
    for (uint32_t s = 0; s < 2; ++s) {
      Advance(kSecond);
      for (FakeAgent* agent : {&first_, &second_}) {
        Heartbeat(*agent, v1::AGENT_STATE_RUNNING, run_id_);
        Deliver(*agent, Second(*agent, run_id_, s, 5));
        posts_.RunOne();
      }
    }
    Summarize(first_, run_id_);
    Summarize(second_, run_id_);
  }
  const v1::Report& Ended() {
    posts_.RunOne();  // the report is committed
    Heartbeat(first_, v1::AGENT_STATE_IDLE);
    Heartbeat(second_, v1::AGENT_STATE_IDLE);
    EXPECT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
    return snapshot_->report();
  }

  FakeAgent first_ = Join("a1");
  FakeAgent second_ = Join("a2");
  std::string run_id_;
};

TEST_F(TeardownTest, ComesWhenAllIsInAndKnowsWhatSetupHasCaptured) {
  EXPECT_EQ(first_.control->Last(Kind::kOnce).once().flow(), 1u);
  EndLoad();
  const v1::RunOnce once = first_.control->Last(Kind::kOnce).once();
  EXPECT_EQ(once.flow(), 2u);
  EXPECT_EQ(once.plan().setup_values().at("token"), "t-1");
  EXPECT_EQ(snapshot_->state(), v1::RUN_STATE_FINISHING);
  OnceDone(first_, run_id_);
  const v1::Report& report = Ended();
  EXPECT_EQ(report.verdict(), v1::VERDICT_PASSED) << report.DebugString();
  EXPECT_TRUE(report.plan().setup_values().empty()) << "what setup captures is stored nowhere";
}

TEST_F(TeardownTest, FailsWithoutChangingTheVerdict) {
  EndLoad();
  OnceDone(first_, run_id_, false);
  const v1::Report& report = Ended();
  EXPECT_EQ(report.verdict(), v1::VERDICT_PASSED) << report.DebugString();
  EXPECT_THAT(report.notes(), Contains("teardown failed: login: got status 500"));
}

TEST_F(TeardownTest, IsDoneByAnotherWhenItsAgentIsLost) {
  EndLoad();
  EXPECT_EQ(second_.control->Count(Kind::kOnce), 0);
  cluster_.OnGoodbye(first_.control.get(), v1::Goodbye());
  ASSERT_EQ(second_.control->Last(Kind::kOnce).once().flow(), 2u);
  OnceDone(second_, run_id_);
  EXPECT_THAT(Ended().notes(), Contains(HasSubstr("agent a1 was lost in teardown")));
}

TEST_F(TeardownTest, IsGivenUpWhenNobodyIsLeft) {
  EndLoad();
  cluster_.OnGoodbye(first_.control.get(), v1::Goodbye());
  cluster_.OnGoodbye(second_.control.get(), v1::Goodbye());
  posts_.RunOne();   // the report is committed
  Advance(kSecond);  // nobody is left who would say anything
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  EXPECT_EQ(snapshot_->report().verdict(), v1::VERDICT_PASSED);
  EXPECT_THAT(snapshot_->report().notes(),
              Contains("teardown was not done: no agent was left to do it"));
}

TEST_F(TeardownTest, IsGivenUpWhenItIsNeverAnswered) {
  EndLoad();
  for (Nanos waited = 0; waited < limits::kOnceTime + limits::kDeliveryTime; waited += kSecond) {
    Heartbeat(first_, v1::AGENT_STATE_IDLE);
    Heartbeat(second_, v1::AGENT_STATE_IDLE);
    Advance(kSecond);
  }
  EXPECT_THAT(Ended().notes(), Contains("teardown was not done within 1m by agent a1"));
}

TEST_F(TeardownTest, ComesAfterAStopToo) {
  Advance(kSecond);
  v1::StopRequest stop;
  stop.set_run_id(run_id_);
  EXPECT_TRUE(cluster_.Stop(stop).ok());
  EXPECT_EQ(first_.control->Count(Kind::kOnce), 1);
  Summarize(first_, run_id_);
  Summarize(second_, run_id_);
  EXPECT_EQ(first_.control->Last(Kind::kOnce).once().flow(), 2u);
  OnceDone(first_, run_id_);
  EXPECT_EQ(Ended().verdict(), v1::VERDICT_ABORTED);
}

// --- run --once ---

TEST_F(ClusterTest, DoesEveryFlowOnceSetupFirstAndTeardownLast) {
  FakeAgent agent = Join("a1");
  std::vector<uint32_t> done;
  absl::Status ended = absl::UnknownError("not yet");
  cluster_.DoOnce(WithSetupAndTeardown(), {},
                  {[&done](const v1::OnceDone& flow) { done.push_back(flow.flow()); },
                   [&ended](const absl::Status& status) { ended = status; }});
  for (int i = 0; i < 3; ++i) {
    const v1::RunOnce once = agent.control->Last(Kind::kOnce).once();
    EXPECT_TRUE(once.keep_exchanges());
    OnceDone(agent, once.run_id(), i != 1);  // the load's flow fails, which keeps nothing back
  }
  EXPECT_THAT(done, ElementsAre(1u, 0u, 2u));
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_EQ(agent.control->Last(Kind::kOnce).once().plan().setup_values().at("token"), "t-1");
  EXPECT_EQ(agent.control->Count(Kind::kPrepare), 0);
  EXPECT_EQ(Submit(), "r-0001") << "the agent is free again";
}

TEST_F(ClusterTest, DoesNothingOnceWhenSetupHasFailed) {
  FakeAgent agent = Join("a1");
  int done = 0;
  absl::Status ended = absl::UnknownError("not yet");
  cluster_.DoOnce(WithSetupAndTeardown(), {},
                  {[&done](const v1::OnceDone&) { ++done; },
                   [&ended](const absl::Status& status) { ended = status; }});
  OnceDone(agent, agent.control->Last(Kind::kOnce).once().run_id(), false);
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(ended.ok()) << ended;
}

TEST_F(ClusterTest, SaysWhyNothingIsDoneOnce) {
  absl::Status ended;
  const OnceSession::Listener listener{[](const v1::OnceDone&) {},
                                       [&ended](const absl::Status& status) { ended = status; }};
  cluster_.DoOnce(TwoSeconds(), {}, listener);
  EXPECT_TRUE(absl::IsFailedPrecondition(ended)) << ended;
  FakeAgent agent = Join("a1");
  ended = absl::OkStatus();
  cluster_.DoOnce(TwoSeconds(), {}, listener);
  cluster_.OnGoodbye(agent.control.get(), v1::Goodbye());
  EXPECT_TRUE(absl::IsUnavailable(ended)) << ended;
}

}  // namespace
}  // namespace loadfleet
