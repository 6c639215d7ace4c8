// What becomes of the load when agents are lost, heal, leave and join.
#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"
#include "common/schedule/arrival_schedule.h"
#include "tests/unit/master/cluster_fixture.h"

namespace loadfleet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = v1::MasterMessage::KindCase;

constexpr Nanos kLead = 300 * kMillisecond;

v1::Plan ThirtySeconds(v1::AgentPolicy::OnLoss on_loss) {
  v1::Plan plan = TwoSeconds();
  v1::ConstantArrivalRate& load = *plan.mutable_scenarios(0)->mutable_constant_arrival_rate();
  load.mutable_rate()->set_count(1000);
  load.set_duration_ns(30 * kSecond);
  plan.mutable_agents()->set_on_loss(on_loss);
  return plan;
}

// Three agents that follow their orders: each counts what its slots have in every second.
class RedistributionTest : public ClusterTest {
 protected:
  struct Follower {
    FakeAgent agent;
    SlotSet slots = {};
    uint64_t epoch = 1;
    size_t read = 0;       // orders
    uint64_t counted = 0;  // of the schedule's arrivals: up to where
    bool fenced = false;
    bool silent = false;
    bool answers = true;
    Nanos answer_late = 0;  // after effective_from
  };

  RedistributionTest() : followers_{{Join("a1")}, {Join("a2")}, {Join("a3")}} {}

  void Begin(v1::Plan plan) {
    plan_ = std::move(plan);
    run_id_ = Submit(plan_);
    Watch(run_id_);
    std::vector<FakeAgent*> agents;
    for (Follower& follower : followers_) agents.push_back(&follower.agent);
    StartRun(run_id_, agents);
    for (Follower& follower : followers_) {
      follower.slots = Slots(follower.agent.control->Last(Kind::kPrepare).prepare().assignment());
      follower.read = follower.agent.control->sent.size();
    }
    t0_ = clock_.Now();
  }
  static SlotSet Slots(const v1::Assignment& assignment) {
    return *SlotSet::FromBitmap(assignment.slots());
  }
  Nanos RunTime() const { return clock_.Now() - t0_; }

  uint64_t Arrivals(Nanos time) const { return PlannedArrivals(plan_.scenarios(0), 0, 0, time); }
  // Up to `time`, by the slots that it has: started, or dropped while it is fenced.
  void Count(Follower& follower, Nanos time) {
    const uint64_t below = Arrivals(time);
    if (below <= follower.counted) return;
    const uint64_t own =
        follower.slots.CountBelow(below) - follower.slots.CountBelow(follower.counted);
    (follower.fenced ? dropped_ : started_)[follower.agent.name] += own;
    follower.counted = below;
  }
  // What it was told since.
  void Obey(Follower& follower) {
    for (; follower.read < follower.agent.control->sent.size(); ++follower.read) {
      const v1::MasterMessage& message = follower.agent.control->sent[follower.read];
      if (message.kind_case() == Kind::kStop) follower.silent = false;
      if (message.kind_case() != Kind::kAdjust) continue;
      const v1::Assignment& assignment = message.adjust().assignment();
      if (assignment.epoch() <= follower.epoch || !follower.answers) continue;
      const Nanos from = assignment.effective_from_ns() + follower.answer_late;
      Count(follower, from);
      follower.slots = Slots(assignment);
      follower.epoch = follower.agent.epoch = assignment.epoch();
      follower.fenced = false;
      v1::Adjusted adjusted;
      adjusted.set_run_id(run_id_);
      adjusted.set_epoch(assignment.epoch());
      adjusted.set_effective_from_ns(from);
      cluster_.OnAdjusted(follower.agent.control.get(), adjusted);
    }
  }
  void Beat(Follower& follower) {
    if (follower.silent) return;
    Heartbeat(follower.agent, follower.fenced ? v1::AGENT_STATE_FENCED : v1::AGENT_STATE_RUNNING,
              run_id_);
  }
  // Until run time `until`, in steps of a heartbeat. What is committed is told.
  void RunTo(Nanos until) {
    while (RunTime() < until) {
      Advance(std::min(limits::kHeartbeatInterval, until - RunTime()));
      for (Follower& follower : followers_) Beat(follower);
      Settle();
    }
  }
  // Lets the store finish, until nothing is on its way.
  void Settle() {
    for (int i = 0; i < 2; ++i) {
      store_->SaveRun(Mark(), [this](const absl::Status&) { posts_.Add([this] { ++marks_; }); });
      const int before = marks_;
      while (marks_ == before) posts_.RunOne();
      for (Follower& follower : followers_) {
        if (!follower.silent) Obey(follower);
      }
    }
  }
  static StoredRun Mark() {
    StoredRun mark;
    mark.run_id = "r-9999";
    return mark;
  }
  const v1::Assignment Adjusted(const Follower& follower) const {
    return follower.agent.control->Last(Kind::kAdjust).adjust().assignment();
  }
  // The link of a lost agent has healed.
  void Heal(Follower& follower) {
    follower.agent.control = std::make_shared<FakeControlStream>();
    follower.agent.windows = std::make_shared<FakeWindowStream>();
    follower.read = 0;
    follower.silent = false;
    v1::Register registration = Registration(follower.agent.name);
    registration.set_run_id(run_id_);
    registration.set_epoch(follower.epoch);
    cluster_.OnRegister(follower.agent.control, registration, "test");
    cluster_.OnWindowsOpened(follower.agent.windows, Hello(follower.agent.name));
  }
  // One window of everything that it did.
  v1::Window DeliverWindow(Follower& follower, uint32_t seconds) {
    const std::string& name = follower.agent.name;
    v1::Window window = Second(follower.agent, run_id_, 0, started_[name]);
    window.set_last_second(seconds - 1);
    window.set_watermark(seconds);
    v1::ArrivalStats& arrivals = *window.mutable_arrivals(0);
    arrivals.set_intended(arrivals.intended() + dropped_[name]);
    arrivals.set_dropped_fenced(dropped_[name]);
    Deliver(follower.agent, window);
    Settle();
    return window;
  }
  void DeliverAll(Follower& follower, uint32_t seconds) {
    const v1::Window window = DeliverWindow(follower, seconds);
    v1::FinalSummary summary;
    *summary.mutable_key() = Key(follower.agent, run_id_, follower.agent.seq);
    *summary.mutable_arrivals() = window.arrivals();
    *summary.mutable_requests() = window.requests();
    cluster_.OnSummary(follower.agent.windows.get(), summary);
    Settle();
  }
  // To the end of the plan; all that are left deliver.
  const v1::Report& End(std::vector<Follower*> left) {
    RunTo(30 * kSecond);
    for (Follower* follower : left) {
      Count(*follower, 30 * kSecond);
      DeliverAll(*follower, 30);
    }
    Settle();
    for (Follower* follower : left) Heartbeat(follower->agent, v1::AGENT_STATE_IDLE);
    EXPECT_EQ(snapshot_->state(), v1::RUN_STATE_ENDED);
    return snapshot_->report();
  }
  // I1 of what is promised.
  void ExpectAllPlannedIsKnown(const v1::Report& report) const {
    const v1::ArrivalStats& arrivals = report.total().arrivals();
    EXPECT_EQ(Arrivals(30 * kSecond),
              arrivals.started() + arrivals.dropped_fenced() + report.unknown_arrivals());
  }
  void ExpectEverySlotHasOneOwner() const {
    size_t sum = 0;
    std::set<uint16_t> owned;
    for (const Follower& follower : followers_) {
      sum += follower.slots.size();
      owned.insert(follower.slots.slots().begin(), follower.slots.slots().end());
    }
    EXPECT_EQ(sum, kSlots);
    EXPECT_EQ(owned.size(), kSlots);
  }

  v1::Plan plan_;
  std::string run_id_;
  Nanos t0_ = 0;
  std::deque<Follower> followers_;
  std::map<std::string, uint64_t> started_;
  std::map<std::string, uint64_t> dropped_;
  int marks_ = 0;
};

TEST_F(RedistributionTest, WhatALostAgentHadGoesToTheOthersAsAnEpoch) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  Follower& lost = followers_[1];
  RunTo(5 * kSecond);
  Count(lost, 5 * kSecond);
  DeliverWindow(lost, 5);
  lost.silent = true;
  RunTo(10 * kSecond);
  EXPECT_EQ(followers_[0].agent.control->Count(Kind::kAdjust), 0) << "it may live";
  RunTo(12 * kSecond);
  ASSERT_EQ(followers_[0].agent.control->Count(Kind::kAdjust), 1);
  const v1::Assignment told = Adjusted(followers_[0]);
  EXPECT_EQ(told.epoch(), 2U);
  EXPECT_EQ(Adjusted(followers_[2]).effective_from_ns(), told.effective_from_ns());
  EXPECT_GT(told.effective_from_ns(), 5 * kSecond + limits::kLease + limits::kLostAfterLease);
  EXPECT_NEAR(static_cast<double>(followers_[0].slots.size()), kSlots / 2.0, 2);
  lost.slots = SlotSet();
  ExpectEverySlotHasOneOwner();

  const v1::Report& report = End({&followers_[0], &followers_[2]});
  ExpectAllPlannedIsKnown(report);
  EXPECT_NEAR(static_cast<double>(report.unknown_arrivals()),
              1000.0 / 3 * (static_cast<double>(told.effective_from_ns()) / kSecond - 5), 2);
  ASSERT_EQ(report.epochs_size(), 2);
  EXPECT_EQ(report.epochs(0).shares_size(), 3);
  EXPECT_EQ(report.epochs(1).reason(), "a2 is gone");
  ASSERT_EQ(report.epochs(1).shares_size(), 2);
  EXPECT_EQ(report.epochs(1).shares(1).agent_id(), "a3");
  EXPECT_NEAR(report.epochs(1).shares(1).share(), 0.5, 2.0 / kSlots);
  ASSERT_EQ(report.events_size(), 2);
  EXPECT_EQ(report.events(0).text(), "agent a2 was lost");
  EXPECT_EQ(report.events(1).text(), "epoch 2: the load of a2 goes to a1, a3");
  EXPECT_NEAR(report.coverage(), 1 - 6.75 / 3 / 30, 0.02);
  EXPECT_EQ(report.verdict(), v1::VERDICT_INVALID) << "seven seconds of a third are missing";
}

TEST_F(RedistributionTest, AnEpochIsCommittedBeforeItIsTold) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  v1::Goodbye goodbye;
  cluster_.OnGoodbye(followers_[1].agent.control.get(), goodbye);
  EXPECT_EQ(followers_[0].agent.control->Count(Kind::kAdjust), 0);
  posts_.RunOne();
  EXPECT_EQ(followers_[0].agent.control->Count(Kind::kAdjust), 1);
  const auto stored = store_->Assignments(run_id_);
  ASSERT_TRUE(stored.ok());
  ASSERT_EQ(stored->size(), 5U) << "three of the first epoch, two of the second";
  EXPECT_EQ(stored->back().agent_id, "a3");
  EXPECT_EQ(stored->back().assignment.SerializeAsString(),
            Adjusted(followers_[2]).SerializeAsString());
}

TEST_F(RedistributionTest, TwoLostTogetherOfFiveAreDealtTogether) {
  followers_.push_back({Join("a4")});
  followers_.push_back({Join("a5")});
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  followers_[0].silent = followers_[3].silent = true;
  RunTo(8 * kSecond);
  EXPECT_EQ(Adjusted(followers_[1]).epoch(), 2U);
  followers_[0].slots = followers_[3].slots = SlotSet();
  ExpectEverySlotHasOneOwner();
}

TEST_F(RedistributionTest, MoreThanHalfLostMayBeTheMastersDoingAndEndsTheRunIfTheyStayAway) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  followers_[0].silent = followers_[1].silent = true;
  RunTo(10 * kSecond);
  EXPECT_EQ(followers_[2].agent.control->Count(Kind::kAdjust), 0);
  EXPECT_EQ(snapshot_->state(), v1::RUN_STATE_RUNNING);
  RunTo(13 * kSecond);
  EXPECT_THAT(
      followers_[2].agent.control->Last(Kind::kStop).stop().reason(),
      HasSubstr("more than half of the agents (2 of 3) were lost within 5s and stayed away"));
}

TEST_F(RedistributionTest, MoreThanHalfThatComeBackGetTheirOwnAgain) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  for (Follower* away : {&followers_[0], &followers_[1]}) {
    Count(*away, 0);
    away->silent = true;
  }
  RunTo(5 * kSecond);
  for (Follower* away : {&followers_[0], &followers_[1]}) {
    Count(*away, 5 * kSecond);
    away->fenced = true;
  }
  RunTo(9 * kSecond);
  Heal(followers_[0]);
  Heal(followers_[1]);
  RunTo(11 * kSecond);
  EXPECT_FALSE(followers_[0].fenced);
  EXPECT_FALSE(followers_[1].fenced);
  ExpectEverySlotHasOneOwner();
  const v1::Report& report = End({&followers_[0], &followers_[1], &followers_[2]});
  ExpectAllPlannedIsKnown(report);
  EXPECT_EQ(report.unknown_arrivals(), 0U);
  EXPECT_EQ(report.verdict(), v1::VERDICT_INVALID) << "they were fenced for four seconds";
}

TEST_F(RedistributionTest, WhoeverComesBackTooLateStaysWithNoShare) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  Follower& late = followers_[1];
  late.silent = true;
  RunTo(5 * kSecond);
  Count(late, 5 * kSecond);
  late.fenced = true;
  RunTo(14 * kSecond);
  Heal(late);
  RunTo(15 * kSecond);
  const v1::Assignment told = Adjusted(late);
  EXPECT_TRUE(Slots(told).empty());
  EXPECT_EQ(told.effective_from_ns(), Adjusted(followers_[0]).effective_from_ns());
  ExpectEverySlotHasOneOwner();

  // It is an heir like the others.
  followers_[2].silent = true;
  RunTo(24 * kSecond);
  Count(followers_[2], 15 * kSecond);
  EXPECT_NEAR(static_cast<double>(late.slots.size()), kSlots / 4.0, 1);
  followers_[2].slots = SlotSet();
  ExpectEverySlotHasOneOwner();
  const v1::Report& report = End({&followers_[0], &late});
  ExpectAllPlannedIsKnown(report);
  EXPECT_THAT(report.notes(), Contains(HasSubstr("agent a2 is back at")));
}

TEST_F(RedistributionTest, AFencedAgentThatWasNotLostGetsItsOwnAgain) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  Follower& fenced = followers_[1];
  RunTo(5 * kSecond);
  Count(fenced, 5 * kSecond);
  fenced.fenced = true;
  RunTo(6 * kSecond);
  EXPECT_FALSE(fenced.fenced);
  EXPECT_EQ(Adjusted(fenced).epoch(), 2U);
  EXPECT_EQ(fenced.agent.control->Count(Kind::kAdjust), 1) << "once";
  EXPECT_EQ(followers_[0].agent.control->Count(Kind::kAdjust), 0);
  const v1::Report& report = End({&followers_[0], &fenced, &followers_[2]});
  ExpectAllPlannedIsKnown(report);
  EXPECT_EQ(report.epochs(1).reason(), "a2 is back");
}

TEST_F(RedistributionTest, WithContinueNobodyTakesWhatALostAgentHadAndItsOwnWaitsForIt) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_CONTINUE));
  Follower& lost = followers_[1];
  lost.silent = true;
  RunTo(5 * kSecond);
  Count(lost, 5 * kSecond);
  lost.fenced = true;
  RunTo(12 * kSecond);
  EXPECT_EQ(followers_[0].agent.control->Count(Kind::kAdjust), 0);
  Heal(lost);
  RunTo(14 * kSecond);
  EXPECT_FALSE(lost.fenced);
  ExpectEverySlotHasOneOwner();
  const v1::Report& report = End({&followers_[0], &lost, &followers_[2]});
  ExpectAllPlannedIsKnown(report);
  EXPECT_EQ(report.unknown_arrivals(), 0U);
}

TEST_F(RedistributionTest, WithContinueWhatIsNeverHeardOfIsUnknownToTheEnd) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_CONTINUE));
  followers_[1].silent = true;
  RunTo(12 * kSecond);
  const v1::Report& report = End({&followers_[0], &followers_[2]});
  ExpectAllPlannedIsKnown(report);
  EXPECT_EQ(report.unknown_arrivals(), 10'000U);
}

TEST_F(RedistributionTest, WithAbortALossEndsTheRun) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_ABORT));
  followers_[1].silent = true;
  RunTo(8 * kSecond);
  EXPECT_THAT(followers_[0].agent.control->Last(Kind::kStop).stop().reason(),
              HasSubstr("agent a2 was lost"));
}

TEST_F(RedistributionTest, AnAgentThatLeavesGivesItsShareAtOnceAndDeliversWhatItHas) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  Follower& leaving = followers_[1];
  RunTo(5 * kSecond);
  Count(leaving, 5 * kSecond);
  v1::Goodbye goodbye;
  goodbye.set_reason("drained");
  cluster_.OnGoodbye(leaving.agent.control.get(), goodbye);
  leaving.silent = true;
  Settle();
  EXPECT_EQ(Adjusted(followers_[0]).effective_from_ns(), 5 * kSecond + kLead);
  EXPECT_FALSE(leaving.agent.control->ended);
  DeliverAll(leaving, 5);
  EXPECT_TRUE(leaving.agent.windows->acks.back().summary());
  cluster_.OnControlEnded(leaving.agent.control.get());
  const v1::Report& report = End({&followers_[0], &followers_[2]});
  ExpectAllPlannedIsKnown(report);
  EXPECT_NEAR(static_cast<double>(report.unknown_arrivals()), 100, 1) << "of the lead";
  EXPECT_EQ(report.agents(1).state(), "done");
  EXPECT_THAT(report.notes(), ElementsAre("agent a2 left at 5.0 s: it left: drained"));
  EXPECT_EQ(report.verdict(), v1::VERDICT_PASSED) << report.DebugString();
}

TEST_F(RedistributionTest, AnAgentThatFinishesWithoutBeingToldIsLeaving) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  RunTo(5 * kSecond);
  Heartbeat(followers_[1].agent, v1::AGENT_STATE_FINISHING, run_id_);
  Settle();
  EXPECT_EQ(Adjusted(followers_[0]).epoch(), 2U);
  EXPECT_NEAR(static_cast<double>(followers_[0].slots.size()), kSlots / 2.0, 2);
}

TEST_F(RedistributionTest, AnAgentWhoseLinkWasDownIsToldAgain) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  Follower& deaf = followers_[0];
  deaf.answers = false;
  cluster_.OnGoodbye(followers_[1].agent.control.get(), v1::Goodbye());
  Settle();
  EXPECT_EQ(deaf.agent.control->Count(Kind::kAdjust), 1);
  cluster_.OnControlEnded(deaf.agent.control.get());
  deaf.answers = true;
  Heal(deaf);
  Settle();
  EXPECT_EQ(Adjusted(deaf).epoch(), 2U);
  Heal(deaf);
  EXPECT_EQ(deaf.agent.control->Count(Kind::kAdjust), 0) << "it has answered";
}

TEST_F(RedistributionTest, NothingMovesAtTheVeryEnd) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  RunTo(30 * kSecond - kLead);
  cluster_.OnGoodbye(followers_[1].agent.control.get(), v1::Goodbye());
  Settle();
  EXPECT_EQ(followers_[0].agent.control->Count(Kind::kAdjust), 0);
}

TEST_F(RedistributionTest, AProcessThatProvesThatTheOldOneIsGoneNeedNotWaitForItsLease) {
  v1::Plan plan = ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE);
  FakeAgent locked{"a4"};
  v1::Register registration = Registration("a4");
  registration.set_boot_id("boot-1");
  registration.add_features(kNameLockFeature);
  cluster_.OnRegister(locked.control, registration, "test");
  cluster_.OnWindowsOpened(locked.windows, Hello("a4"));
  Heartbeat(locked, v1::AGENT_STATE_IDLE);
  followers_.push_back({locked});
  Begin(plan);
  registration.set_incarnation(2);
  const auto next = std::make_shared<FakeControlStream>();
  cluster_.OnRegister(next, registration, "test");
  EXPECT_EQ(next->Count(Kind::kRegistered), 1);
  Settle();
  EXPECT_EQ(Adjusted(followers_[0]).epoch(), 2U);
}

// --- those who come later ---

class ElasticTest : public RedistributionTest {
 protected:
  ElasticTest() {
    v1::Plan plan = ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE);
    plan.mutable_agents()->set_elastic(true);
    Begin(plan);
  }
  // Prepared and started, at run time `at`.
  Follower& JoinAt(Nanos at) {
    RunTo(at);
    Follower& joiner = followers_.emplace_back(Follower{Join("a4")});
    const v1::Assignment first = joiner.agent.control->Last(Kind::kPrepare).prepare().assignment();
    joiner.slots = Slots(first);
    joiner.epoch = joiner.agent.epoch = first.epoch();
    v1::Prepared prepared;
    prepared.set_run_id(run_id_);
    prepared.set_epoch(first.epoch());
    prepared.set_ready(true);
    cluster_.OnPrepared(joiner.agent.control.get(), prepared);
    joiner.counted = Arrivals(RunTime());
    return joiner;
  }
};

TEST_F(ElasticTest, WhoJoinsIsStartedWithNoShareThenTheOthersGiveAndThenItGets) {
  Follower& joiner = JoinAt(5 * kSecond);
  EXPECT_TRUE(joiner.slots.empty());
  const v1::Start start = joiner.agent.control->Last(Kind::kStart).start();
  EXPECT_EQ(start.epoch(), 1U);
  EXPECT_EQ(start.t0_master_ns(), t0_);
  followers_[1].answers = false;
  Settle();
  EXPECT_EQ(Adjusted(followers_[0]).effective_from_ns(), 5 * kSecond + kLead);
  EXPECT_NEAR(static_cast<double>(followers_[0].slots.size()), kSlots / 4.0, 2);
  RunTo(6 * kSecond);
  EXPECT_EQ(joiner.agent.control->Count(Kind::kAdjust), 0) << "one has not answered";
  followers_[1].answers = true;
  followers_[1].read = 0;
  followers_[1].answer_late = kSecond;
  RunTo(7 * kSecond);
  EXPECT_NEAR(static_cast<double>(joiner.slots.size()), kSlots / 4.0, 2);
  EXPECT_EQ(joiner.agent.control->Count(Kind::kAdjust), 2) << "as two answered earlier than one";
  EXPECT_EQ(Adjusted(joiner).effective_from_ns(), 6 * kSecond + kLead);
  ExpectEverySlotHasOneOwner();
  const v1::Report& report = End({&followers_[0], &followers_[1], &followers_[2], &followers_[3]});
  ExpectAllPlannedIsKnown(report);
  EXPECT_EQ(report.unknown_arrivals(), 0U);
  EXPECT_DOUBLE_EQ(report.coverage(), 1.0);
  EXPECT_EQ(report.verdict(), v1::VERDICT_PASSED) << report.DebugString();
}

TEST_F(ElasticTest, WhoCannotPrepareIsLetGoAndTheRunGoesOn) {
  FakeAgent joiner = Join("a4");
  v1::Prepared prepared;
  prepared.set_run_id(run_id_);
  prepared.set_reason("cannot resolve shop.test");
  cluster_.OnPrepared(joiner.control.get(), prepared);
  RunTo(kSecond);
  EXPECT_THAT(snapshot_->notes(), ElementsAre("agent a4 could not join: cannot resolve shop.test"));
  EXPECT_EQ(snapshot_->agents_total(), 3U);
  EXPECT_EQ(snapshot_->state(), v1::RUN_STATE_RUNNING);
}

TEST_F(ElasticTest, AGiverThatIsLostBeforeItAnswersHasNotGiven) {
  followers_[1].answers = false;
  Follower& joiner = JoinAt(5 * kSecond);
  Settle();
  followers_[1].silent = true;
  RunTo(14 * kSecond);
  followers_[1].slots = SlotSet();
  ExpectEverySlotHasOneOwner();
  EXPECT_GT(joiner.slots.size(), kSlots / 4U);
}

TEST_F(ElasticTest, AGainerThatIsLostBeforeItGetsAnythingLeavesItToTheOthers) {
  followers_[1].answers = false;
  Follower& joiner = JoinAt(5 * kSecond);
  Settle();
  joiner.silent = true;
  RunTo(13 * kSecond);
  followers_[1].answers = true;
  followers_[1].read = 0;
  RunTo(15 * kSecond);
  EXPECT_TRUE(joiner.slots.empty());
  ExpectEverySlotHasOneOwner();
}

TEST_F(RedistributionTest, NobodyJoinsARunThatIsNotElastic) {
  Begin(ThirtySeconds(v1::AgentPolicy::ON_LOSS_REDISTRIBUTE));
  EXPECT_EQ(Join("a4").control->Count(Kind::kPrepare), 0);
}

TEST_F(ElasticTest, NobodyJoinsARunThatWasStopped) {
  v1::StopRequest stop;
  EXPECT_TRUE(cluster_.Stop(stop).ok());
  EXPECT_EQ(Join("a4").control->Count(Kind::kPrepare), 0);
}

}  // namespace
}  // namespace loadfleet
