// A cluster whose agents, people and time are the test's: no network, no thread but the store's.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "absl/synchronization/mutex.h"
#include "common/clock.h"
#include "master/run/cluster.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/master/fake_streams.h"

namespace loadfleet {

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
  uint64_t epoch = 1;  // the newest that it has taken up
  uint64_t seq = 0;
  uint64_t sent = 0;  // requests
};

inline v1::Plan TwoSeconds() {
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
inline v1::Plan WithSetupAndTeardown() {
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
    heartbeat.set_epoch(run_id.empty() ? 0 : agent.epoch);
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
    done.set_flow(agent.control->Last(v1::MasterMessage::kOnce).once().flow());
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

}  // namespace loadfleet
