#include "master/run/cluster.h"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/mutex.h"
#include "common/limits.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/master/fake_streams.h"

namespace loadfleet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = v1::MasterMessage::KindCase;

// What the control thread would run, run by the test. The store posts from its own thread.
class Posts {
 public:
  void Add(ControlThread::Work work) {
    absl::MutexLock lock(&mutex_);
    works_.push_back(std::move(work));
  }
  // Waits for the next one.
  void RunOne() {
    ControlThread::Work work;
    {
      absl::MutexLock lock(&mutex_);
      const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !works_.empty(); };
      mutex_.Await(absl::Condition(&ready));
      work = std::move(works_.front());
      works_.pop_front();
    }
    work();
  }

 private:
  absl::Mutex mutex_;
  std::deque<ControlThread::Work> works_ ABSL_GUARDED_BY(mutex_);
};

struct FakeAgent {
  std::string name;
  std::shared_ptr<FakeControlStream> control = std::make_shared<FakeControlStream>();
  std::shared_ptr<FakeWindowStream> windows = std::make_shared<FakeWindowStream>();
  uint64_t seq = 0;
  uint64_t sent = 0;  // requests
};

v1::Plan TwoSeconds() {
  v1::Plan plan;
  plan.set_name("two-seconds");
  plan.mutable_agents()->set_min(1);
  plan.mutable_agents()->set_on_loss(v1::AgentPolicy::ON_LOSS_CONTINUE);
  plan.mutable_agents()->set_start_delay_ns(kSecond);
  v1::Scenario& scenario = *plan.add_scenarios();
  scenario.set_name("main");
  scenario.set_graceful_stop_ns(kSecond);
  scenario.mutable_constant_arrival_rate()->mutable_rate()->set_count(10);
  scenario.mutable_constant_arrival_rate()->mutable_rate()->set_period_ns(kSecond);
  scenario.mutable_constant_arrival_rate()->set_duration_ns(2 * kSecond);
  v1::Request& request = *plan.add_flows()->add_steps()->mutable_request();
  request.set_name("ping");
  plan.mutable_validity()->set_max_lateness_p99_ns(kSecond);
  plan.mutable_validity()->set_max_worker_cpu(1);
  plan.mutable_validity()->set_min_coverage(0.99);
  plan.mutable_validity()->set_min_achieved(0.98);
  return plan;
}

// Flow 1 before the load of flow 0, flow 2 after it.
v1::Plan WithSetupAndTeardown() {
  v1::Plan plan = TwoSeconds();
  for (const char* name : {"login", "logout"}) {
    v1::Request& request = *plan.add_flows()->add_steps()->mutable_request();
    request.set_name(name);
    request.set_index(static_cast<uint32_t>(plan.flows_size() - 1));
  }
  plan.mutable_setup()->set_flow(1);
  plan.mutable_teardown()->set_flow(2);
  return plan;
}

class ClusterTest : public ::testing::Test {
 protected:
  ClusterTest() {
    EXPECT_TRUE(cluster_.Recover().ok());
    cluster_.OnTime();
  }

  void Heartbeat(FakeAgent& agent, v1::AgentState state, const std::string& run_id = "") {
    v1::Heartbeat heartbeat;
    heartbeat.set_state(state);
    heartbeat.set_run_id(run_id);
    heartbeat.set_offset_bound_ns(kMillisecond);
    cluster_.OnHeartbeat(agent.control.get(), heartbeat, clock_.NowWithSuspend());
  }
  FakeAgent Join(const std::string& name) {
    FakeAgent agent{name};
    cluster_.OnRegister(agent.control, Registration(name), "test");
    cluster_.OnWindowsOpened(agent.windows, Hello(name));
    Heartbeat(agent, v1::AGENT_STATE_IDLE);
    return agent;
  }
  static v1::WindowHello Hello(const std::string& name) {
    v1::WindowHello hello;
    hello.set_agent_id(name);
    hello.set_incarnation(1);
    return hello;
  }
  std::string Submit(v1::Plan plan = TwoSeconds()) {
    std::string run_id;
    cluster_.Submit(std::move(plan), [this, &run_id](absl::StatusOr<std::string> reply) {
      submitted_ = reply.status();
      if (reply.ok()) run_id = *reply;
    });
    if (submitted_.ok() && run_id.empty()) posts_.RunOne();
    return run_id;
  }
  void Prepared(FakeAgent& agent, const std::string& run_id, bool ready = true) {
    v1::Prepared prepared;
    prepared.set_run_id(run_id);
    prepared.set_epoch(1);
    prepared.set_ready(ready);
    if (!ready) prepared.set_reason("cannot resolve shop.test");
    cluster_.OnPrepared(agent.control.get(), prepared);
    Heartbeat(agent, v1::AGENT_STATE_READY, run_id);
  }
  // Of one second with `count` answered requests.
  v1::Window Second(FakeAgent& agent, const std::string& run_id, uint32_t second, uint64_t count) {
    v1::Window window;
    *window.mutable_key() = Key(agent, run_id, ++agent.seq);
    window.set_first_second(second);
    window.set_last_second(second);
    window.set_watermark(second + 1);
    agent.sent += count;
    Fill(count, window.add_arrivals(), window.add_requests());
    return window;
  }
  static v1::WindowKey Key(const FakeAgent& agent, const std::string& run_id, uint64_t seq) {
    v1::WindowKey key;
    key.set_run_id(run_id);
    key.set_agent_id(agent.name);
    key.set_incarnation(1);
    key.set_first_seq(seq);
    key.set_last_seq(seq);
    return key;
  }
  static void Fill(uint64_t count, v1::ArrivalStats* arrivals, v1::RequestStats* requests) {
    arrivals->set_intended(count);
    arrivals->set_started(count);
    RequestStats stats;
    stats.started = count;
    stats.outcomes[static_cast<size_t>(Outcome::kOk)] = count;
    stats.statuses.Add(200, count);
    stats.response_time.RecordMany(1000, count);
    stats.service_time.RecordMany(1000, count);
    stats.lateness.RecordMany(10, count);
    stats.ToProto(requests);
  }
  void Deliver(FakeAgent& agent, const v1::Window& window) {
    cluster_.OnWindow(agent.windows.get(), window);
  }
  // The summary of everything sent, and that it is free once it is acknowledged.
  void Summarize(FakeAgent& agent, const std::string& run_id) {
    v1::FinalSummary summary;
    *summary.mutable_key() = Key(agent, run_id, agent.seq);
    summary.mutable_key()->set_first_seq(1);
    Fill(agent.sent, summary.add_arrivals(), summary.add_requests());
    cluster_.OnSummary(agent.windows.get(), summary);
    posts_.RunOne();
  }
  // What it answers for a flow that it was given to do once.
  void OnceDone(FakeAgent& agent, const std::string& run_id, bool ok = true) {
    v1::OnceDone done;
    done.set_run_id(run_id);
    done.set_flow(agent.control->Last(Kind::kOnce).once().flow());
    done.set_ok(ok);
    if (ok) {
      (*done.mutable_captures())["token"] = "t-1";
    } else {
      done.set_reason("login: got status 500");
    }
    cluster_.OnOnceDone(agent.control.get(), done);
  }
  void StartRun(const std::string& run_id, std::vector<FakeAgent*> agents) {
    for (FakeAgent* agent : agents) Prepared(*agent, run_id);
    posts_.RunOne();  // T0 is committed
    Advance(kSecond);
  }
  void Advance(Nanos by) {
    clock_.Advance(by);
    cluster_.OnTime();
  }
  // The newest snapshot that a watcher of this run gets.
  void Watch(const std::string& run_id) {
    EXPECT_TRUE(cluster_.Watch(run_id, [this](const Run::Snapshot& snapshot) {
      snapshot_ = snapshot;
      return true;
    }));
  }

  ManualClock clock_;
  Posts posts_;
  std::unique_ptr<Store> store_ = *Store::Open("");
  Cluster cluster_{*store_, clock_,
                   [this](ControlThread::Work work) { posts_.Add(std::move(work)); }};
  absl::Status submitted_;
  Run::Snapshot snapshot_;
};

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
