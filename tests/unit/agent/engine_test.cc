// The whole engine on real threads and sockets: what it reports is what happened.
#include "agent/engine/engine.h"

#include <atomic>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "tests/support/eventually.h"
#include "tests/support/http2_peer.h"
#include "tests/support/ports.h"
#include "tests/support/scripted_server.h"
#include "tests/unit/agent/delivered.h"
#include "tests/unit/agent/flows.h"

namespace loadfleet {
namespace {

constexpr char kPong[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPONG";

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() : engine_(*Engine::Create(SystemClock(), 2)) {
    engine_->RenewLease(SystemClock().NowWithSuspend() + 3'600 * kSecond);
  }

  // A plan of one request, by its other keys.
  void Install(int port, const std::string& keys, Delivered& delivered) {
    InstallPlan(absl::StrCat("target: http://127.0.0.1:", port, "\nget: /ping\n", keys), delivered);
  }
  void InstallPlan(const std::string& text, Delivered& delivered) {
    auto plan = PreparedPlan(text);
    ASSERT_NE(plan, nullptr);
    engine_->Install(std::move(plan), WindowSource{"r-0001", 1, "a1", 1}, delivered.Sink(),
                     [this] { ++ready_; });
  }
  // Soon, as a master does it: arrivals of the time before it is heard of are not made up.
  void Start() { engine_->Start(SystemClock().Now() + 300 * kMillisecond); }

  std::atomic<int> ready_ = 0;
  std::unique_ptr<Engine> engine_;
};

ArrivalCounts ArrivalsOf(const v1::FinalSummary& summary) {
  ArrivalCounts counts;
  for (const v1::ArrivalStats& stats : summary.arrivals()) counts.MergeProto(stats);
  return counts;
}

uint64_t OutcomesOf(const RequestStats& stats) {
  uint64_t sum = 0;
  for (const uint64_t count : stats.outcomes) sum += count;
  return sum;
}

// Windows are numbered from 1 without a gap, and what they hold is what the summary says, to the
// bucket.
void ExpectWindowsAddUpTo(const v1::FinalSummary& summary, const std::vector<v1::Window>& windows) {
  RequestStats sum;
  ArrivalCounts arrivals;
  uint64_t seq = 0;
  uint32_t watermark = 0;
  for (const v1::Window& window : windows) {
    EXPECT_EQ(window.key().first_seq(), seq + 1);
    EXPECT_EQ(window.key().last_seq(), seq + 1);
    ++seq;
    EXPECT_GE(window.watermark(), watermark);
    watermark = window.watermark();
    EXPECT_LE(window.first_second(), window.last_second());
    for (const v1::ArrivalStats& stats : window.arrivals()) arrivals.MergeProto(stats);
    for (const v1::RequestStats& stats : window.requests()) {
      EXPECT_TRUE(sum.MergeProto(stats).ok());
    }
  }
  EXPECT_EQ(summary.key().last_seq(), seq);
  EXPECT_EQ(arrivals, ArrivalsOf(summary));
  v1::RequestStats counted;
  sum.ToProto(&counted);
  v1::RequestStats said;
  RequestsOf(summary).ToProto(&said);
  EXPECT_EQ(counted.SerializeAsString(), said.SerializeAsString());
}

TEST_F(EngineTest, TheWindowsOfARunAddUpToItsSummaryAndToWhatTheTargetSaw) {
  std::atomic<uint64_t> served{0};
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) {
      ++served;
      peer.Write(kPong);
    }
  });
  Delivered delivered;
  Install(server.port(), "rate: 500/s\nduration: 3s\ndefaults: {http: {connections: {max: 8}}}\n",
          delivered);
  Start();
  const v1::FinalSummary summary = delivered.AwaitSummary();
  const ArrivalCounts arrivals = ArrivalsOf(summary);
  const RequestStats requests = RequestsOf(summary);
  EXPECT_EQ(arrivals.intended, 1'500u) << "the schedule's, however slow the machine";
  EXPECT_EQ(arrivals.intended, arrivals.started + arrivals.Dropped());
  EXPECT_EQ(requests.started, arrivals.started);
  EXPECT_EQ(requests.CountOf(Outcome::kOk), requests.started);
  EXPECT_EQ(requests.response_time.TotalCount(), requests.started);
  EXPECT_EQ(served, requests.started);
  EXPECT_LE(server.accepted(), 8);
  ExpectWindowsAddUpTo(summary, delivered.windows());
}

TEST_F(EngineTest, CountsByTheStageInWhichSomethingWasIntended) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) peer.Write(kPong);
  });
  Delivered delivered;
  InstallPlan(absl::StrCat("target: http://127.0.0.1:", server.port(), R"(
scenarios:
  users: {executor: constant-vus, flow: look, vus: 1, duration: 100ms}
  ramp:
    executor: ramping-arrival-rate
    flow: buy
    start_rate: 200/s
    stages:
      - {duration: 500ms, target: 200/s}
      - {duration: 0s, target: 100/s}
      - {duration: 1s, target: 100/s}
flows:
  look: {steps: [{request: home, get: /}]}
  buy: {steps: [{request: order, get: /}]}
)"),
              delivered);
  Start();
  const v1::FinalSummary summary = delivered.AwaitSummary();
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> intended;
  for (const v1::ArrivalStats& stats : summary.arrivals()) {
    intended[{stats.scenario(), stats.stage()}] += stats.intended();
  }
  EXPECT_EQ(intended.size(), 3u) << "a jump has none";
  EXPECT_EQ((intended[{1, 0}]), 100u);
  EXPECT_EQ((intended[{1, 2}]), 100u);
  for (const v1::RequestStats& stats : summary.requests()) {
    const uint64_t arrivals = intended[{stats.scenario(), stats.stage()}];
    EXPECT_EQ(stats.started(), arrivals) << stats.scenario() << ", stage " << stats.stage();
    EXPECT_EQ(stats.request(), stats.scenario()) << "each has one of its own";
  }
  ExpectWindowsAddUpTo(summary, delivered.windows());
}

TEST_F(EngineTest, WhateverATargetDoesEveryRequestHasOneOutcomeAndTheRunEnds) {
  std::atomic<uint64_t> answered{0};
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    if (!peer.ReadRequest()) return;
    switch (peer.nth() % 7) {
      case 0:
        return peer.Reset();
      case 1:
        return;  // closes
      case 2:
        peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nPO");
        return;
      case 3:
        peer.Write("no HTTP at all\r\n\r\n");
        return;
      case 4:
        return peer.WaitForEnd();  // silent
      case 5:
        peer.Write(absl::StrCat(kPong, kPong));
        ++answered;
        return peer.WaitForEnd();
      default:
        do {
          ++answered;
          peer.WriteByteByByte(kPong);
        } while (answered % 5 != 0 && peer.ReadRequest());
    }
  });
  Delivered delivered;
  Install(
      server.port(),
      "rate: 300/s\nduration: 3s\nmax_lateness: 1h\ndefaults: {http: {connections: {max: 16}}}\n"
      "timeouts: {first_byte: 300ms, total: 20s}\ngraceful_stop: 60s\n",
      delivered);
  Start();
  const v1::FinalSummary summary = delivered.AwaitSummary();
  const ArrivalCounts arrivals = ArrivalsOf(summary);
  const RequestStats requests = RequestsOf(summary);
  EXPECT_EQ(arrivals.intended, 900u);
  EXPECT_EQ(arrivals.intended, arrivals.started + arrivals.Dropped());
  EXPECT_EQ(requests.started, arrivals.started);
  EXPECT_EQ(OutcomesOf(requests), arrivals.started);
  EXPECT_EQ(requests.response_time.TotalCount(),
            requests.CountOf(Outcome::kOk) + requests.CountOf(Outcome::kBadStatus));
  for (const Outcome expected :
       {Outcome::kOk, Outcome::kReset, Outcome::kClosed, Outcome::kTruncated, Outcome::kMalformed,
        Outcome::kFirstByteTimeout}) {
    EXPECT_GT(requests.CountOf(expected), 0u) << OutcomeName(expected);
  }
  EXPECT_LE(requests.CountOf(Outcome::kOk), answered);
  ExpectWindowsAddUpTo(summary, delivered.windows());
}

TEST_F(EngineTest, AStopWithoutGraceInterruptsWhatIsInFlight) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  Delivered delivered;
  Install(server.port(), "vus: 8\nduration: 1h\ntimeouts: {first_byte: 1h, total: 1h}\n",
          delivered);
  Start();
  delivered.AwaitWindows(1);
  engine_->Stop(0);
  const v1::FinalSummary summary = delivered.AwaitSummary();
  const RequestStats requests = RequestsOf(summary);
  EXPECT_EQ(requests.started, 8u);
  EXPECT_EQ(requests.CountOf(Outcome::kInterrupted), 8u);
  EXPECT_EQ(requests.response_time_censored.TotalCount(), 8u);
  ExpectWindowsAddUpTo(summary, delivered.windows());
}

TEST_F(EngineTest, WithoutALeaseNothingIsStarted) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  engine_->RenewLease(SystemClock().NowWithSuspend() - 1);
  Delivered delivered;
  Install(server.port(), "vus: 8\nduration: 1h\n", delivered);
  Start();
  EXPECT_TRUE(Eventually([this] { return engine_->fenced(); }));
  delivered.AwaitWindows(1);
  engine_->Stop(0);
  EXPECT_EQ(RequestsOf(delivered.AwaitSummary()).started, 0u);
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(EngineTest, TheEndOfTheLeaseFencesTheLoadAndEveryArrivalIsAccountedFor) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) peer.Write(kPong);
  });
  Delivered delivered;
  Install(server.port(), "rate: 200/s\nduration: 1h\nmax_lateness: 1h\n", delivered);
  Start();
  delivered.AwaitWindows(1);
  engine_->RenewLease(SystemClock().NowWithSuspend());
  EXPECT_TRUE(Eventually([this] { return engine_->fenced(); }));
  delivered.AwaitWindows(delivered.windows().size() + 2);  // fenced, it goes on telling
  EXPECT_FALSE(delivered.ended());
  engine_->Stop(0);
  const v1::FinalSummary summary = delivered.AwaitSummary();
  const ArrivalCounts arrivals = ArrivalsOf(summary);
  EXPECT_GT(arrivals.started, 0u);
  EXPECT_EQ(arrivals.intended, arrivals.started + arrivals.dropped_fenced);
  EXPECT_EQ(RequestsOf(summary).CountOf(Outcome::kOk), arrivals.started);
  ExpectWindowsAddUpTo(summary, delivered.windows());
}

TEST_F(EngineTest, WhatWaitsForAConnectionWhenTheLeaseEndsIsNeverSent) {
  engine_ = *Engine::Create(SystemClock(), 1);
  engine_->RenewLease(SystemClock().NowWithSuspend() + 3'600 * kSecond);
  absl::Notification release;
  std::atomic<uint64_t> served{0};
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) {
      ++served;
      release.WaitForNotification();
      peer.Write(kPong);
    }
  });
  Delivered delivered;
  Install(server.port(), "rate: 200/s\nduration: 1h\ndefaults: {http: {connections: {max: 2}}}\n",
          delivered);
  Start();
  delivered.AwaitWindows(1);
  engine_->RenewLease(SystemClock().NowWithSuspend() - 1);
  EXPECT_TRUE(Eventually([this] { return engine_->fenced(); }));
  release.Notify();
  engine_->Stop(kSecond);
  const v1::FinalSummary summary = delivered.AwaitSummary();
  EXPECT_EQ(served, 2u);
  EXPECT_EQ(RequestsOf(summary).CountOf(Outcome::kOk), 2u);
  EXPECT_GT(ArrivalsOf(summary).dropped_fenced, 100u);
}

TEST_F(EngineTest, IsReadyWhenTheConnectionsStandThatAreToStandBeforeTheLoad) {
  absl::Notification settle;
  ScriptedServer server([&settle](ScriptedServer::Peer& peer) {
    settle.WaitForNotification();
    Http2Peer(peer, [](Http2Peer&, int32_t) {}).Run();
  });
  Delivered delivered;
  Install(server.port(),
          "rate: 200/s\nduration: 1h\n"
          "defaults: {http: {version: h2c, connections: {max: 2, warm: true}}}\n",
          delivered);
  EXPECT_TRUE(Eventually([&server] { return server.accepted() == 2; }));
  EXPECT_EQ(ready_, 0);
  settle.Notify();
  EXPECT_TRUE(Eventually([this] { return ready_ == 1; }));
}

TEST_F(EngineTest, AFenceIsForAllWorkersUntilANewerEpochWhateverTheLease) {
  std::atomic<uint64_t> served{0};
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) {
      ++served;
      peer.Write(kPong);
    }
  });
  Delivered delivered;
  Install(server.port(), "rate: 200/s\nduration: 1h\n", delivered);
  Start();
  delivered.AwaitWindows(1);
  engine_->RenewLease(SystemClock().NowWithSuspend() - 1);
  EXPECT_TRUE(Eventually([this] { return engine_->fenced(); }));
  engine_->RenewLease(SystemClock().NowWithSuspend() + 3'600 * kSecond);
  // Every worker has noticed by the time that it tells of a later second.
  delivered.AwaitWindows(delivered.windows().size() + 2);
  const uint64_t before = served;
  delivered.AwaitWindows(delivered.windows().size() + 1);
  EXPECT_EQ(served, before);
  EXPECT_TRUE(engine_->fenced());

  absl::Notification adjusted;
  const Nanos long_ago = kSecond;
  engine_->Adjust(2, SlotSet::All(), long_ago, [&](Nanos effective_from) {
    EXPECT_EQ(effective_from, long_ago) << "it loses nothing";
    adjusted.Notify();
  });
  EXPECT_TRUE(adjusted.WaitForNotificationWithTimeout(absl::Seconds(60)));
  EXPECT_FALSE(engine_->fenced());
  EXPECT_TRUE(Eventually([&] { return served > before + 10; }));
  delivered.AwaitWindows(delivered.windows().size() + 1);
  EXPECT_EQ(delivered.windows().back().epoch(), 2u);
  engine_->Stop(0);
  const v1::FinalSummary summary = delivered.AwaitSummary();
  const ArrivalCounts arrivals = ArrivalsOf(summary);
  EXPECT_EQ(arrivals.intended, arrivals.started + arrivals.Dropped());
  EXPECT_GT(arrivals.dropped_fenced, 200u);
  ExpectWindowsAddUpTo(summary, delivered.windows());
}

TEST_F(EngineTest, WhatAnAgentLosesItsWorkersHandOverTogether) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) peer.Write(kPong);
  });
  Delivered delivered;
  Install(server.port(), "rate: 1000/s\nduration: 1h\nmax_lateness: 1h\n", delivered);
  Start();
  delivered.AwaitWindows(1);
  std::atomic<Nanos> freed{0};
  engine_->Adjust(2, SlotSet(), 0, [&](Nanos effective_from) { freed = effective_from; });
  EXPECT_TRUE(Eventually([&] { return freed != 0; }));
  delivered.AwaitWindows(delivered.windows().size() + 2);
  engine_->Stop(kSecond);
  // Exactly the schedule up to there: one a millisecond.
  EXPECT_EQ(ArrivalsOf(delivered.AwaitSummary()).intended,
            static_cast<uint64_t>((freed + kMillisecond - 1) / kMillisecond));
}

TEST_F(EngineTest, AStopEndsARunWhoseTargetLetsNobodyIn) {
  const TakenPort full;  // its queue holds a few, the rest is never let in
  Delivered delivered;
  Install(full.port(), "rate: 100/s\nduration: 1h\nmax_in_flight: 10\n", delivered);
  Start();
  delivered.AwaitWindows(1);
  engine_->Stop(0);
  const v1::FinalSummary summary = delivered.AwaitSummary();
  const ArrivalCounts arrivals = ArrivalsOf(summary);
  EXPECT_EQ(arrivals.intended, arrivals.started + arrivals.Dropped());
  EXPECT_EQ(OutcomesOf(RequestsOf(summary)), arrivals.started);
}

TEST_F(EngineTest, EachScenarioHasItsOwnGracefulStop) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  Delivered delivered;
  InstallPlan(absl::StrCat("target: http://127.0.0.1:", server.port(), R"(
defaults: {http: {timeouts: {first_byte: 1h, total: 1h}}}
scenarios:
  short: {executor: constant-vus, vus: 2, duration: 1s, graceful_stop: 0s, flow: one}
  long: {executor: constant-vus, vus: 1, duration: 1h, flow: two}
flows:
  one: {steps: [{request: x, get: /}]}
  two: {steps: [{request: y, get: /}]}
)"),
              delivered);
  Start();
  // The first is over while the second goes on.
  EXPECT_TRUE(Eventually([&] {
    uint64_t interrupted = 0;
    for (const v1::Window& window : delivered.windows()) {
      for (const v1::RequestStats& stats : window.requests()) {
        RequestStats sum;
        EXPECT_TRUE(sum.MergeProto(stats).ok());
        EXPECT_TRUE(stats.scenario() == 0 || OutcomesOf(sum) == 0);
        interrupted += sum.CountOf(Outcome::kInterrupted);
      }
    }
    return interrupted == 2;
  }));
  engine_->Stop(0);
  EXPECT_EQ(RequestsOf(delivered.AwaitSummary()).CountOf(Outcome::kInterrupted), 3u);
}

TEST_F(EngineTest, LimitsBelowTheNumberOfWorkersHold) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) peer.Write(kPong);
  });
  Delivered delivered;
  Install(server.port(),
          "rate: 200/s\nduration: 1s\nmax_in_flight: 1\nmax_lateness: 1h\n"
          "defaults: {http: {connections: {max: 1}}}\n",
          delivered);
  Start();
  EXPECT_EQ(ArrivalsOf(delivered.AwaitSummary()).intended, 200u);
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(EngineTest, AForgottenRunSendsNothingMoreAndTheEngineTakesTheNext) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) peer.Write(kPong);
  });
  Delivered forgotten;
  Install(server.port(), "vus: 4\nduration: 1h\n", forgotten);
  Start();
  forgotten.AwaitWindows(1);
  engine_->Uninstall();
  const size_t windows = forgotten.windows().size();

  Delivered next;
  Install(server.port(), "rate: 100/s\nduration: 1s\n", next);
  Start();
  EXPECT_EQ(ArrivalsOf(next.AwaitSummary()).intended, 100u);
  EXPECT_EQ(forgotten.windows().size(), windows);
  EXPECT_FALSE(forgotten.ended());
}

TEST_F(EngineTest, ARunThatIsStoppedBeforeItsStartHasAnEmptySummary) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  Delivered delivered;
  Install(server.port(), "rate: 100/s\nduration: 1h\n", delivered);
  engine_->Stop(0);
  const v1::FinalSummary summary = delivered.AwaitSummary();
  EXPECT_EQ(ArrivalsOf(summary).intended, 0u);
  EXPECT_EQ(server.accepted(), 0);
}

}  // namespace
}  // namespace loadfleet
