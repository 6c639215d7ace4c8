#include "master/run/cluster.h"

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

TEST_F(ClusterTest, TellsAnAgentTheTermsOfItsLease) {
  const FakeAgent agent = Join("a1");
  const v1::Registered terms = agent.control->Last(Kind::kRegistered).registered();
  EXPECT_EQ(terms.lease_ns(), limits::kLease);
  EXPECT_EQ(terms.heartbeat_interval_ns(), limits::kHeartbeatInterval);
}

TEST_F(ClusterTest, RefusesAnAgentWithAReasonAndEndsItsStream) {
  FakeAgent agent{"a1"};
  v1::Register registration = Registration("a1");
  registration.mutable_protocol()->set_major(99);
  cluster_.OnRegister(agent.control, registration, "test");
  EXPECT_THAT(agent.control->Last(Kind::kRefused).refused().reason(), HasSubstr("protocol 99"));
  EXPECT_TRUE(agent.control->ended);
}

TEST_F(ClusterTest, NoAgentSeesAPlanBeforeItsRunIsCommitted) {
  const FakeAgent agent = Join("a1");
  cluster_.Submit(TwoSeconds(), [](const absl::StatusOr<std::string>&) {});
  EXPECT_EQ(agent.control->Count(Kind::kPrepare), 0);
  posts_.RunOne();
  EXPECT_EQ(agent.control->Count(Kind::kPrepare), 1);
}

TEST_F(ClusterTest, NorDoesOneThatComesBackBeforeThat) {
  Join("a1");
  cluster_.Submit(TwoSeconds(), [](const absl::StatusOr<std::string>&) {});
  const FakeAgent again = Join("a1");
  EXPECT_EQ(again.control->Count(Kind::kPrepare), 0);
  posts_.RunOne();
  EXPECT_EQ(again.control->Count(Kind::kPrepare), 1);
}

TEST_F(ClusterTest, StartsAllAgentsAtOneTimeOnceAllAreReady) {
  FakeAgent first = Join("a1");
  FakeAgent second = Join("a2");
  const std::string run_id = Submit();
  EXPECT_EQ(run_id, "r-0001");
  Prepared(first, run_id);
  Prepared(second, run_id);
  EXPECT_EQ(first.control->Count(Kind::kStart), 0) << "T0 is not committed yet";
  posts_.RunOne();
  const int64_t t0 = first.control->Last(Kind::kStart).start().t0_master_ns();
  EXPECT_EQ(t0, clock_.Now() + kSecond);
  EXPECT_EQ(second.control->Last(Kind::kStart).start().t0_master_ns(), t0);
}

TEST_F(ClusterTest, DealsEverySlotOnce) {
  const FakeAgent first = Join("a1");
  const FakeAgent second = Join("a2");
  Submit();
  const auto slots = [](const FakeAgent& agent) {
    return SlotSet::FromBitmap(agent.control->Last(Kind::kPrepare).prepare().assignment().slots())
        ->size();
  };
  EXPECT_EQ(slots(first), kSlots / 2);
  EXPECT_EQ(slots(second), kSlots / 2);
}

TEST_F(ClusterTest, AnAgentThatCannotPrepareAbortsTheRunAndFreesTheOthers) {
  FakeAgent first = Join("a1");
  FakeAgent second = Join("a2");
  const std::string run_id = Submit();
  Watch(run_id);
  Prepared(first, run_id);
  Prepared(second, run_id, false);
  EXPECT_EQ(first.control->Count(Kind::kStop), 1);
  Summarize(first, run_id);
  posts_.RunOne();  // the report is committed
  Heartbeat(first, v1::AGENT_STATE_IDLE);
  Heartbeat(second, v1::AGENT_STATE_IDLE);
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  EXPECT_EQ(snapshot_->report().verdict(), v1::VERDICT_ABORTED);
  EXPECT_THAT(snapshot_->report().reasons(),
              Contains(HasSubstr("agent a2 cannot take part: cannot resolve shop.test")));
}

TEST_F(ClusterTest, ACleanRunPassesAndItsAgentsAreFreeWhenItHasEnded) {
  FakeAgent first = Join("a1");
  FakeAgent second = Join("a2");
  const std::string run_id = Submit();
  Watch(run_id);
  StartRun(run_id, {&first, &second});
  EXPECT_EQ(snapshot_->state(), v1::RUN_STATE_RUNNING);
  for (uint32_t s = 0; s < 2; ++s) {
    Advance(kSecond);
    for (FakeAgent* agent : {&first, &second}) {
      Heartbeat(*agent, v1::AGENT_STATE_RUNNING, run_id);
      Deliver(*agent, Second(*agent, run_id, s, 5));
      posts_.RunOne();
      EXPECT_EQ(agent->windows->acks.back().last_seq(), agent->seq);
    }
  }
  EXPECT_EQ(snapshot_->state(), v1::RUN_STATE_FINISHING);
  Summarize(first, run_id);
  Summarize(second, run_id);
  EXPECT_TRUE(second.windows->acks.back().summary());
  posts_.RunOne();  // the report is committed
  EXPECT_EQ(snapshot_->state(), v1::RUN_STATE_FINISHING) << "the agents have not let go yet";
  Heartbeat(first, v1::AGENT_STATE_IDLE);
  Heartbeat(second, v1::AGENT_STATE_IDLE);
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  const v1::Report& report = snapshot_->report();
  EXPECT_EQ(report.verdict(), v1::VERDICT_PASSED) << report.DebugString();
  EXPECT_TRUE(report.reconciled());
  EXPECT_EQ(report.coverage(), 1.0);
  EXPECT_EQ(report.planned_rate(), 10);
  EXPECT_EQ(report.achieved_rate(), 10);
  EXPECT_EQ(report.total().arrivals().intended(), 20U);
  EXPECT_EQ(store_->GetReport(run_id)->SerializeAsString(), report.SerializeAsString());
  EXPECT_EQ(Submit(), "r-0002");
}

TEST_F(ClusterTest, AStepOfTheWallClockChangesNothingOfARun) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit();
  Watch(run_id);
  StartRun(run_id, {&agent});
  const int64_t started_at_ms = clock_.WallMillis();
  for (uint32_t s = 0; s < 2; ++s) {
    clock_.StepWall(s == 0 ? 3'600 * kSecond : -4'200 * kSecond);
    Advance(kSecond);
    Heartbeat(agent, v1::AGENT_STATE_RUNNING, run_id);
    Deliver(agent, Second(agent, run_id, s, 10));
    posts_.RunOne();
  }
  EXPECT_EQ(snapshot_->state(), v1::RUN_STATE_FINISHING);
  Summarize(agent, run_id);
  posts_.RunOne();  // the report is committed
  Heartbeat(agent, v1::AGENT_STATE_IDLE);
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  const v1::Report& report = snapshot_->report();
  EXPECT_EQ(report.verdict(), v1::VERDICT_PASSED) << report.DebugString();
  EXPECT_EQ(report.duration_ns(), 2 * kSecond);
  EXPECT_EQ(report.achieved_rate(), 10);
  EXPECT_EQ(report.notes_size(), 0);
  EXPECT_EQ(report.started_at_ms(), started_at_ms);
}

// A feeder's rows are used up within the first of two seconds, and the agent's last words come a
// little into the second.
TEST_F(ClusterTest, ARunThatEndsByItselfHasNoSecondWithoutAWindow) {
  FakeAgent agent = Join("a1");
  v1::Plan plan = TwoSeconds();
  plan.mutable_scenarios(0)->set_most_iterations(10);
  const std::string run_id = Submit(std::move(plan));
  Watch(run_id);
  StartRun(run_id, {&agent});
  Advance(kSecond + kMillisecond);
  Deliver(agent, Second(agent, run_id, 0, 10));
  posts_.RunOne();
  Summarize(agent, run_id);
  posts_.RunOne();  // the report is committed
  Heartbeat(agent, v1::AGENT_STATE_IDLE);
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  const v1::Report& report = snapshot_->report();
  EXPECT_EQ(report.verdict(), v1::VERDICT_PASSED) << report.DebugString();
  EXPECT_EQ(report.coverage(), 1.0);
  EXPECT_EQ(report.duration_ns(), kSecond);
  EXPECT_EQ(report.planned_rate(), 10);
}

TEST_F(ClusterTest, ItsTimeStandsStillWhileTeardownGoesOn) {
  FakeAgent agent = Join("a1");
  v1::Plan plan = WithSetupAndTeardown();
  plan.clear_setup();
  plan.mutable_scenarios(0)->set_most_iterations(10);
  const std::string run_id = Submit(std::move(plan));
  Watch(run_id);
  StartRun(run_id, {&agent});
  Advance(kSecond + kMillisecond);
  Deliver(agent, Second(agent, run_id, 0, 10));
  posts_.RunOne();
  Summarize(agent, run_id);
  EXPECT_EQ(agent.control->Count(Kind::kOnce), 1);
  Advance(kSecond);
  EXPECT_EQ(snapshot_->state(), v1::RUN_STATE_FINISHING);
  EXPECT_EQ(snapshot_->elapsed_ns(), kSecond);
}

TEST_F(ClusterTest, AThresholdMayEndTheRunWhichHasThenFailedAndIsNotAborted) {
  v1::Plan plan = TwoSeconds();
  plan.mutable_scenarios(0)->mutable_constant_arrival_rate()->set_duration_ns(600 * kSecond);
  v1::Threshold& threshold = *plan.add_thresholds();
  threshold.set_metric("response_time");
  threshold.set_expr("max < 1us");
  threshold.set_measured(v1::THRESHOLD_RESPONSE_TIME);
  threshold.set_aggregate(v1::THRESHOLD_QUANTILE);
  threshold.set_quantile(1);
  threshold.set_comparison(v1::COMPARISON_LESS);
  threshold.set_limit(1);
  threshold.set_unit("us");
  threshold.set_abort_on_fail(true);
  threshold.set_delay_abort_eval_ns(2 * kSecond);
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit(plan);
  Watch(run_id);
  StartRun(run_id, {&agent});
  for (uint32_t s = 0; s < 2; ++s) {
    EXPECT_EQ(agent.control->Count(Kind::kStop), 0);
    Advance(kSecond);
    Heartbeat(agent, v1::AGENT_STATE_RUNNING, run_id);
    Deliver(agent, Second(agent, run_id, s, 10));
    posts_.RunOne();
  }
  EXPECT_EQ(agent.control->Last(Kind::kStop).stop().reason(),
            "threshold response_time max < 1us: 1000us");
  EXPECT_FALSE(snapshot_->thresholds(0).ok());
  Summarize(agent, run_id);
  posts_.RunOne();  // the report is committed
  Heartbeat(agent, v1::AGENT_STATE_IDLE);
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  const v1::Report& report = snapshot_->report();
  EXPECT_EQ(report.verdict(), v1::VERDICT_FAILED) << report.DebugString();
  EXPECT_THAT(report.reasons(), ElementsAre("threshold response_time max < 1us: 1000us"));
  EXPECT_THAT(report.notes(), Contains(HasSubstr("the run was ended at 2.0 s by the threshold")));
  EXPECT_EQ(report.duration_ns(), 2 * kSecond);
  EXPECT_TRUE(report.thresholds(0).aborted());
}

TEST_F(ClusterTest, APlanThatTheStoreTakesTooLateNeverBegins) {
  FakeAgent agent = Join("a1");
  absl::Status reply;
  cluster_.Submit(TwoSeconds(), [&](const auto& run_id) { reply = run_id.status(); });
  Advance(limits::kAcceptTime);
  EXPECT_EQ(reply.code(), absl::StatusCode::kFailedPrecondition);
  posts_.RunOne();  // committed after all
  EXPECT_EQ(agent.control->Count(Kind::kPrepare), 0);
  posts_.RunOne();  // and so is its report
  EXPECT_EQ(store_->GetReport("r-0001")->verdict(), v1::VERDICT_ABORTED);
  Heartbeat(agent, v1::AGENT_STATE_IDLE);
  EXPECT_EQ(Submit(), "r-0002");
}

TEST_F(ClusterTest, AMasterThatEndsKeepsNobodyWaitingForItsStore) {
  FakeAgent agent = Join("a1");
  absl::Status reply;
  cluster_.Submit(TwoSeconds(), [&](const auto& run_id) { reply = run_id.status(); });
  cluster_.Close();
  EXPECT_THAT(std::string(reply.message()), HasSubstr("shutting down"));
  reply = absl::OkStatus();
  cluster_.Submit(TwoSeconds(), [&](const auto& run_id) { reply = run_id.status(); });
  EXPECT_THAT(std::string(reply.message()), HasSubstr("shutting down"));
}

TEST_F(ClusterTest, AWindowIsAcknowledgedOnlyAfterItsCommit) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit();
  StartRun(run_id, {&agent});
  Deliver(agent, Second(agent, run_id, 0, 10));
  EXPECT_TRUE(agent.windows->acks.empty());
  posts_.RunOne();
  EXPECT_EQ(agent.windows->acks.size(), 1U);
}

TEST_F(ClusterTest, ARepeatedWindowCountsOnceAndIsAcknowledgedAgain) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit();
  Watch(run_id);
  StartRun(run_id, {&agent});
  const v1::Window window = Second(agent, run_id, 0, 10);
  Deliver(agent, window);
  posts_.RunOne();
  Deliver(agent, window);
  EXPECT_EQ(agent.windows->acks.size(), 2U);
  Advance(kSecond);
  EXPECT_EQ(snapshot_->completed(), 10U);
}

TEST_F(ClusterTest, AWindowWithAKnownKeyAndOtherContentQuarantinesItsSender) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit();
  Watch(run_id);
  StartRun(run_id, {&agent});
  Deliver(agent, Second(agent, run_id, 0, 10));
  posts_.RunOne();
  --agent.seq;
  Deliver(agent, Second(agent, run_id, 0, 11));
  EXPECT_EQ(agent.control->Count(Kind::kStop), 1);
  posts_.RunOne();  // nobody is left: the report is committed
  Heartbeat(agent, v1::AGENT_STATE_IDLE);
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  EXPECT_EQ(snapshot_->completed(), 10U);
  EXPECT_EQ(snapshot_->report().verdict(), v1::VERDICT_INVALID);
  EXPECT_THAT(snapshot_->report().notes(), Contains(HasSubstr("quarantined")));
}

TEST_F(ClusterTest, WhatAQuarantinedAgentSendsLaterIsTakenAndNotCounted) {
  FakeAgent agent = Join("a1");
  FakeAgent other = Join("a2");
  const std::string run_id = Submit();
  Watch(run_id);
  StartRun(run_id, {&agent, &other});
  Deliver(agent, Second(agent, run_id, 0, 10));
  posts_.RunOne();
  --agent.seq;
  Deliver(agent, Second(agent, run_id, 0, 11));
  Deliver(agent, Second(agent, run_id, 1, 10));
  ASSERT_EQ(agent.windows->acks.size(), 3U);
  EXPECT_EQ(agent.windows->acks.back().last_seq(), 2U);
  EXPECT_EQ(agent.windows->reads, 4) << "the next one is read";
  Advance(kSecond);
  EXPECT_EQ(snapshot_->completed(), 10U);
}

TEST_F(ClusterTest, AnAgentThatFencedItselfIsNamedInTheNotesOnce) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit();
  Watch(run_id);
  StartRun(run_id, {&agent});
  Heartbeat(agent, v1::AGENT_STATE_FENCED, run_id);
  Heartbeat(agent, v1::AGENT_STATE_FENCED, run_id);
  Advance(kSecond);
  ASSERT_EQ(snapshot_->notes_size(), 1);
  EXPECT_THAT(snapshot_->notes(0), HasSubstr("a1 lost touch with the master"));
}

// A second read of a stream that is being read already is a mistake that gRPC does not forgive.
TEST_F(ClusterTest, AStreamThatWaitsForTheStoreIsReadOnAndANewerOneIsLeftAlone) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit();
  StartRun(run_id, {&agent});
  int windows = 0;
  while (agent.windows->reads == windows + 1) {
    ASSERT_LT(windows, 100) << "it is read without end while nothing is committed";
    Deliver(agent, Second(agent, run_id, 0, 1));
    ++windows;
  }
  const std::shared_ptr<FakeWindowStream> old = agent.windows;
  const int old_reads = old->reads;
  agent.windows = std::make_shared<FakeWindowStream>();
  cluster_.OnWindowsOpened(agent.windows, Hello("a1"));
  EXPECT_FALSE(old->ended.ok());
  posts_.RunOne();
  EXPECT_EQ(agent.windows->reads, 1);
  EXPECT_EQ(old->reads, old_reads + 1) << "which does nothing on a stream that has ended";
}

TEST_F(ClusterTest, ALostAgentIsInTheReportAndItsMissingLoadMakesTheRunInvalid) {
  FakeAgent first = Join("a1");
  FakeAgent second = Join("a2");
  v1::Plan plan = TwoSeconds();
  plan.mutable_scenarios(0)->mutable_constant_arrival_rate()->set_duration_ns(20 * kSecond);
  const std::string run_id = Submit(plan);
  Watch(run_id);
  StartRun(run_id, {&first, &second});
  for (uint32_t s = 0; s < 20; ++s) {
    for (int i = 0; i < 4; ++i) Advance(kSecond / 4);
    Heartbeat(first, v1::AGENT_STATE_RUNNING, run_id);
    Deliver(first, Second(first, run_id, s, 5));
    posts_.RunOne();
  }
  EXPECT_TRUE(second.control->ended);
  Summarize(first, run_id);
  posts_.RunOne();
  Heartbeat(first, v1::AGENT_STATE_IDLE);
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  const v1::Report& report = snapshot_->report();
  EXPECT_EQ(report.verdict(), v1::VERDICT_INVALID);
  EXPECT_DOUBLE_EQ(report.coverage(), 0.5);
  EXPECT_THAT(report.notes(), Contains(HasSubstr("agent a2 was lost at")));
  EXPECT_EQ(report.agents(1).state(), "lost");
}

TEST_F(ClusterTest, StopIsAnnouncedAtOnceAndAborts) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit();
  Watch(run_id);
  StartRun(run_id, {&agent});
  Advance(kSecond);
  Deliver(agent, Second(agent, run_id, 0, 10));
  posts_.RunOne();
  v1::StopRequest request;
  request.set_reason("Ctrl-C");
  EXPECT_THAT(*cluster_.Stop(request), ElementsAre(run_id));
  EXPECT_EQ(agent.control->Last(Kind::kStop).stop().reason(), "Ctrl-C");
  EXPECT_EQ(cluster_.Stop(request).status().code(), absl::StatusCode::kNotFound);
  Summarize(agent, run_id);
  posts_.RunOne();
  Heartbeat(agent, v1::AGENT_STATE_IDLE);
  EXPECT_EQ(snapshot_->report().verdict(), v1::VERDICT_ABORTED);
  EXPECT_THAT(snapshot_->report().reasons(), ElementsAre("Ctrl-C"));
  EXPECT_EQ(snapshot_->report().duration_ns(), kSecond);
  EXPECT_EQ(snapshot_->report().achieved_rate(), 10);
}

TEST_F(ClusterTest, AnAgentWhoseLinkHealsGetsTheOrdersThatItMissed) {
  FakeAgent agent = Join("a1");
  const std::string run_id = Submit();
  cluster_.OnControlEnded(agent.control.get());
  FakeAgent healed{"a1"};
  v1::Register registration = Registration("a1");
  registration.set_run_id(run_id);
  registration.set_epoch(1);
  cluster_.OnRegister(healed.control, registration, "test");
  cluster_.OnWindowsOpened(healed.windows, Hello("a1"));
  EXPECT_EQ(healed.control->Count(Kind::kPrepare), 0) << "it has the plan";
  Heartbeat(healed, v1::AGENT_STATE_READY, run_id);
  posts_.RunOne();
  EXPECT_EQ(healed.control->Count(Kind::kStart), 1);
}

TEST_F(ClusterTest, AnAgentWithARunThatNobodyKnowsIsToldToStopAndRelievedOfItsWindows) {
  FakeAgent agent{"a1"};
  v1::Register registration = Registration("a1");
  registration.set_run_id("r-0099");
  cluster_.OnRegister(agent.control, registration, "test");
  cluster_.OnWindowsOpened(agent.windows, Hello("a1"));
  EXPECT_EQ(agent.control->Last(Kind::kStop).stop().run_id(), "r-0099");
  Deliver(agent, Second(agent, "r-0099", 3, 10));
  EXPECT_EQ(agent.windows->acks.back().last_seq(), 1U);
}

TEST_F(ClusterTest, AWindowInAnothersNameEndsTheStream) {
  FakeAgent agent = Join("a1");
  FakeAgent other = Join("a2");
  Deliver(agent, Second(other, "r-0001", 0, 10));
  EXPECT_EQ(agent.windows->ended.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ClusterTest, ARunThatTheLastMasterLeftUnfinishedIsAborted) {
  StoredRun left;
  left.run_id = "r-0041";
  left.plan = TwoSeconds();
  left.state = v1::RUN_STATE_STARTING;
  store_->SaveRun(left, [this](const absl::Status&) { posts_.Add([] {}); });
  posts_.RunOne();
  Cluster next(*store_, clock_, [this](ControlThread::Work work) { posts_.Add(std::move(work)); });
  ASSERT_TRUE(next.Recover().ok());
  left.run_id = "r-0042";  // queued behind it
  store_->SaveRun(left, [this](const absl::Status&) { posts_.Add([] {}); });
  posts_.RunOne();
  EXPECT_EQ(store_->GetReport("r-0041")->verdict(), v1::VERDICT_ABORTED);
}

TEST_F(ClusterTest, AnAgentThatSaysGoodbyeMidRunLeavesAGapThatTheReportNames) {
  FakeAgent first = Join("a1");
  FakeAgent second = Join("a2");
  const std::string run_id = Submit();
  Watch(run_id);
  StartRun(run_id, {&first, &second});
  Summarize(second, run_id);
  v1::Goodbye goodbye;
  goodbye.set_reason("drained");
  cluster_.OnGoodbye(second.control.get(), goodbye);
  for (uint32_t s = 0; s < 2; ++s) {
    Advance(kSecond);
    Heartbeat(first, v1::AGENT_STATE_RUNNING, run_id);
    Deliver(first, Second(first, run_id, s, 5));
    posts_.RunOne();
  }
  Summarize(first, run_id);
  posts_.RunOne();
  Heartbeat(first, v1::AGENT_STATE_IDLE);
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  EXPECT_THAT(snapshot_->report().notes(), Contains(HasSubstr("agent a2 left at")));
  EXPECT_EQ(snapshot_->report().verdict(), v1::VERDICT_INVALID);
  EXPECT_EQ(snapshot_->report().coverage(), 0.5);
}

// --- secrets ---

TEST_F(ClusterTest, SecretsAreSeenByTheAgentsAlone) {
  FakeAgent agent = Join("a1");
  v1::Plan plan = TwoSeconds();
  plan.set_name("of s3cret");
  plan.mutable_flows(0)->mutable_steps(0)->mutable_request()->set_body("key=s3cret");
  Secrets secrets;
  secrets.Add("s3cret");
  std::string run_id;
  cluster_.Submit(
      plan, [&run_id](absl::StatusOr<std::string> reply) { run_id = *reply; }, secrets);
  posts_.RunOne();
  Watch(run_id);
  EXPECT_EQ(agent.control->Last(Kind::kPrepare).prepare().plan().SerializeAsString(),
            plan.SerializeAsString());
  StartRun(run_id, {&agent});
  Advance(kSecond);
  v1::Window window = Second(agent, run_id, 0, 10);
  v1::ExchangeRecord& failure = *window.add_failures();
  failure.set_outcome(v1::OUTCOME_BAD_STATUS);
  failure.set_response_body("you sent s3cret");
  Deliver(agent, window);
  posts_.RunOne();
  Advance(kSecond);
  Deliver(agent, Second(agent, run_id, 1, 10));
  posts_.RunOne();
  Summarize(agent, run_id);
  posts_.RunOne();  // the report is committed
  Heartbeat(agent, v1::AGENT_STATE_IDLE);
  ASSERT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
  EXPECT_EQ(snapshot_->name(), "of ***");
  EXPECT_EQ(snapshot_->DebugString().find("s3cret"), std::string::npos);
  EXPECT_EQ(store_->GetReport(run_id)->DebugString().find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace loadfleet
