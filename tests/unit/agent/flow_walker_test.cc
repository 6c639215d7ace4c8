// What a flow of many steps does: in which order, when, and what is counted of it.
#include "agent/scenario/flow_walker.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "agent/scenario/closed_model.h"
#include "agent/scenario/open_model.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/agent/fake_transport.h"
#include "tests/unit/agent/flows.h"
#include "tests/unit/agent/recorded.h"

namespace loadfleet {
namespace {

constexpr Nanos kT0 = 2'000 * kSecond;

// One worker that has the plan's one scenario to itself, and a target that answers when told to.
class Flows : public ::testing::Test {
 protected:
  Flows() {
    clock_.AdvanceTo(kT0);
    wheel_ = std::make_unique<DeadlineWheel>(kT0);
  }

  // `scenario`: executor and what belongs to it; `flows`: the map of them.
  void Make(const std::string& scenario, const std::string& flows) {
    plan_ =
        PreparedPlan(absl::StrCat("target: http://127.0.0.1:8080\nseed: 7\nscenarios:\n  main: {",
                                  scenario, "}\nflows:\n", flows));
    ASSERT_NE(plan_, nullptr);
    PreparedScenario& main = plan_->scenarios.front();
    recorded_ = std::make_unique<Recorded>(static_cast<uint32_t>(plan_->requests.size()),
                                           main.flows.groups);
    executor_ = ExecutorOf(*plan_, main, SlotSet::All(), clock_, *wheel_, transports_,
                           recorded_->recorder());
    recorded_->recorder().Start(kT0, kT0);
    executor_->Start(kT0, kT0);
    executor_->Advance(kT0);
  }
  // One VU, and the steps of its flow.
  void OneVu(const std::string& steps, const std::string& more = "") {
    Make("executor: constant-vus, flow: buy, vus: 1, duration: 10s",
         absl::StrCat("  buy: {", more, "steps: [", steps, "]}\n"));
  }

  void PassTime(Nanos by) {
    const Nanos until = clock_.Now() + by;
    while (true) {
      const Nanos next = std::min(executor_->Advance(clock_.Now()), wheel_->NextAdvance());
      if (next > until) break;
      clock_.AdvanceTo(std::max(next, clock_.Now()));
      wheel_->Advance(clock_.Now());
    }
    clock_.AdvanceTo(until);
    executor_->Advance(until);
  }
  // The request that is on the wire.
  std::string OnWire() {
    if (transport_.on_wire() == 0) return "none";
    const std::string& wire = transport_.front().bytes().wire;
    return wire.substr(0, wire.find(" HTTP/"));
  }
  void AnswerAfter(Nanos time, uint16_t status = 200) {
    PassTime(time);
    transport_.Answer(status);
  }
  const RequestStats& stats(size_t series) { return recorded_->stats(series); }
  const IterationStats& iterations() { return recorded_->iterations(); }
  const ArrivalCounts& arrivals() { return recorded_->arrivals(); }

  ManualClock clock_;
  FakeTransport transport_{clock_};
  std::vector<Transport*> transports_ = {&transport_};
  std::unique_ptr<DeadlineWheel> wheel_;
  std::unique_ptr<RunPlan> plan_;
  std::unique_ptr<Recorded> recorded_;
  std::unique_ptr<Executor> executor_;
};

TEST_F(Flows, StepsFollowEachOtherAndThenTheNextIterationBegins) {
  OneVu("{request: login, post: /login}, {request: home, get: /home}");
  for (const char* expected : {"POST /login", "GET /home", "POST /login", "GET /home"}) {
    EXPECT_EQ(OnWire(), expected);
    AnswerAfter(2 * kMillisecond);
  }
  EXPECT_EQ(stats(0).started, 3u) << "the third iteration has begun";
  EXPECT_EQ(stats(1).CountOf(Outcome::kOk), 2u);
  EXPECT_EQ(arrivals().intended, 3u);
  EXPECT_EQ(arrivals().started, 3u);
  EXPECT_EQ(iterations().completed, 2u);
  EXPECT_EQ(iterations().duration.max_us(), 4'000u);
}

TEST_F(Flows, AStepIsIntendedAtTheEndOfTheOneBeforePlusTheTimeToThink) {
  OneVu("{request: a, get: /a}, {think: 250ms}, {request: b, get: /b}");
  AnswerAfter(kMillisecond);
  EXPECT_EQ(OnWire(), "none");
  PassTime(250 * kMillisecond - 1);
  EXPECT_EQ(OnWire(), "none");
  PassTime(1);
  EXPECT_EQ(OnWire(), "GET /b");
  AnswerAfter(3 * kMillisecond);
  EXPECT_EQ(stats(1).response_time.max_us(), 3'000u);
  EXPECT_EQ(stats(1).lateness.max_us(), 0u);
  EXPECT_EQ(iterations().duration.max_us(), 254'000u);
}

TEST_F(Flows, WhatWakesLateAfterThinkingIsTheGeneratorsLateness) {
  OneVu("{request: a, get: /a}, {think: 1s}, {request: b, get: /b}");
  AnswerAfter(kMillisecond);
  clock_.Advance(kSecond + 7 * kMillisecond);
  executor_->Advance(clock_.Now());
  EXPECT_EQ(OnWire(), "GET /b");
  EXPECT_EQ(stats(1).lateness.max_us(), 7'000u);
  transport_.Answer();
  EXPECT_EQ(stats(1).response_time.max_us(), 7'000u);
}

TEST_F(Flows, GroupsHaveTimesOfTheirOwnAndRepetitionsRepeat) {
  OneVu(
      "{group: browse, steps: [{repeat: 3, steps: [{request: a, get: /a}, {think: 1s}]}]}, "
      "{request: b, get: /b}");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(OnWire(), "GET /a") << i;
    AnswerAfter(2 * kMillisecond);
    PassTime(kSecond);
  }
  EXPECT_EQ(OnWire(), "GET /b");
  ASSERT_EQ(iterations().groups.size(), 1u);
  EXPECT_EQ(iterations().groups[0].duration.TotalCount(), 1u);
  EXPECT_EQ(iterations().groups[0].duration.max_us(), 3'006'000u);
  transport_.Answer();
  EXPECT_EQ(OnWire(), "GET /a") << "the next iteration counts anew";
}

TEST_F(Flows, AFailedStepEndsTheIterationUnlessTheFlowSaysOtherwise) {
  OneVu("{group: g, steps: [{request: a, get: /a}, {request: b, get: /b}]}");
  AnswerAfter(2 * kMillisecond, 500);
  EXPECT_EQ(OnWire(), "GET /a");
  EXPECT_EQ(iterations().failed, 1u);
  EXPECT_EQ(iterations().completed, 0u);
  EXPECT_EQ(iterations().duration_censored.max_us(), 2'000u);
  EXPECT_EQ(iterations().groups[0].duration_censored.max_us(), 2'000u);
  EXPECT_EQ(stats(1).started, 0u);
}

TEST_F(Flows, ContinueGoesOnAndAfterNoResponseALittleLater) {
  OneVu("{request: a, get: /a}, {request: b, get: /b}", "on_error: continue, ");
  AnswerAfter(2 * kMillisecond, 500);
  EXPECT_EQ(OnWire(), "GET /b");
  transport_.Answer();
  EXPECT_EQ(iterations().completed, 1u);
  EXPECT_EQ(OnWire(), "GET /a");
  transport_.Fail(Outcome::kRefused);
  EXPECT_EQ(OnWire(), "none");
  PassTime(10 * kMillisecond);
  EXPECT_EQ(OnWire(), "GET /b");
}

TEST_F(Flows, AResponseForgivesTheFailuresBeforeIt) {
  OneVu("{repeat: 3, steps: [{request: a, get: /a}, {request: b, get: /b}]}",
        "on_error: continue, ");
  for (int i = 0; i < 2; ++i) {
    transport_.Fail(Outcome::kReset);
    PassTime(10 * kMillisecond);
    EXPECT_EQ(OnWire(), "GET /b") << "10 ms and not 20";
    transport_.Answer();
    EXPECT_EQ(OnWire(), "GET /a");
  }
}

TEST_F(Flows, AStatusThatIsExpectedIsASuccessWhateverItIs) {
  OneVu("{request: a, get: /a, expect: {status: [200, 404]}}, {request: b, get: /b}");
  transport_.Answer(404);
  EXPECT_EQ(OnWire(), "GET /b");
  EXPECT_EQ(stats(0).CountOf(Outcome::kOk), 1u);
  EXPECT_EQ(stats(0).checks_passed, 1u);
  EXPECT_EQ(stats(0).Failed(), 0u);
}

TEST_F(Flows, AFailedCheckFailsTheStepAndNotItsOutcome) {
  OneVu("{request: a, get: /a, expect: {status: 201, body_contains: pong}}, {request: b, get: /b}");
  transport_.Answer(200, "pong");
  EXPECT_EQ(OnWire(), "GET /a") << "the next iteration";
  EXPECT_EQ(stats(0).CountOf(Outcome::kOk), 1u);
  EXPECT_EQ(stats(0).checks_passed, 1u);
  EXPECT_EQ(stats(0).checks_failed, 1u);
  EXPECT_EQ(iterations().failed, 1u);
  transport_.Answer(201, "pong");
  EXPECT_EQ(OnWire(), "GET /b");
}

TEST_F(Flows, WithoutAResponseEveryCheckHasFailedUnlessTheGeneratorGaveItUp) {
  OneVu("{request: a, get: /a, expect: {status: 2xx}, capture: {x: {json: $.x}}}");
  transport_.Fail(Outcome::kReset);
  EXPECT_EQ(stats(0).checks_failed, 2u);
  PassTime(20 * kMillisecond);
  executor_->EndLoad(clock_.Now());
  transport_.Fail(Outcome::kInterrupted);
  EXPECT_EQ(stats(0).checks_failed, 2u);
}

TEST_F(Flows, WhatAStepCapturesALaterOneSends) {
  OneVu(
      "{request: a, get: /a, capture: {id: {json: $.id}, next: {json: $.next, optional: true}}}, "
      "{request: b, get: '/b/{{ id }}?vu={{ vu }}&n={{ iteration }}'}, "
      "{if: '{{ next }}', steps: [{request: c, get: '{{ next }}'}]}, "
      "{if: '{{ id }} == 8', steps: [{request: d, get: /d}]}, "
      "{if: '{{ id }} != 8', steps: [{request: e, get: /e}]}");
  transport_.Answer(200, R"({"id": 7, "next": "/more"})");
  for (const char* expected : {"GET /b/7?vu=1&n=1", "GET /more", "GET /e"}) {
    EXPECT_EQ(OnWire(), expected);
    transport_.Answer();
  }
  EXPECT_EQ(OnWire(), "GET /a");
  transport_.Answer(200, R"({"id": 8})");
  for (const char* expected : {"GET /b/8?vu=1&n=2", "GET /d"}) {
    EXPECT_EQ(OnWire(), expected) << "nothing is left of the iteration before";
    transport_.Answer();
  }
  EXPECT_EQ(iterations().completed, 2u);
}

TEST_F(Flows, WhatMakesNoRequestIsNotSentAndIsAFailedCheck) {
  OneVu(
      "{request: a, get: /a, capture: {x: {regex: '(?s)(.*)'}}}, "
      "{request: b, get: /b, headers: {X-A: '{{ x }}'}}, {request: c, get: /c}");
  transport_.Answer(200, "a\r\nEvil: 1");
  EXPECT_EQ(OnWire(), "none");
  EXPECT_EQ(stats(1).started, 0u);
  EXPECT_EQ(stats(1).not_sent, 1u);
  EXPECT_EQ(stats(1).checks_failed, 1u);
  EXPECT_EQ(iterations().failed, 1u);
  PassTime(20 * kMillisecond);
  EXPECT_EQ(OnWire(), "GET /a") << "after a pause, lest it spins";
}

TEST_F(Flows, AnIterationThatDoesNothingIsNotRepeatedAtOnce) {
  OneVu("{if: '{{ x }}', steps: [{request: a, get: /a, capture: {x: {status: true}}}]}");
  EXPECT_EQ(OnWire(), "none");
  EXPECT_EQ(iterations().completed, 1u);
  PassTime(20 * kMillisecond);
  EXPECT_EQ(iterations().completed, 2u);
}

TEST_F(Flows, AnArrivalKnowsItsNumber) {
  Make("executor: constant-arrival-rate, flow: buy, rate: 10/s, duration: 1s",
       "  buy: {steps: [{request: a, get: '/{{ arrival }}/{{ iteration }}'}]}\n");
  EXPECT_EQ(OnWire(), "GET /0/1");
  transport_.Answer();
  PassTime(100 * kMillisecond);
  EXPECT_EQ(OnWire(), "GET /1/2");
}

TEST_F(Flows, StopVuSendsItHomeForGood) {
  Make("executor: constant-vus, flow: buy, vus: 2, duration: 10s",
       "  buy: {on_error: stop_vu, steps: [{request: a, get: /a}, {request: b, get: /b}]}\n");
  transport_.Answer(500);
  EXPECT_EQ(transport_.on_wire(), 1u);
  EXPECT_FALSE(executor_->Finished());
  transport_.Answer();
  transport_.Answer(404);
  EXPECT_EQ(transport_.on_wire(), 0u);
  executor_->Advance(clock_.Now());
  EXPECT_TRUE(executor_->Finished()) << "nobody is left";
  EXPECT_EQ(iterations().failed, 2u);
}

TEST_F(Flows, PaceHoldsBackTheNextIterationAndIsNoLateness) {
  Make("executor: constant-vus, flow: buy, vus: 1, duration: 10s, pace: 1s",
       "  buy: {steps: [{request: a, get: /a}]}\n");
  AnswerAfter(100 * kMillisecond);
  EXPECT_EQ(OnWire(), "none");
  PassTime(900 * kMillisecond - 1);
  EXPECT_EQ(OnWire(), "none");
  PassTime(1);
  EXPECT_EQ(OnWire(), "GET /a");
  PassTime(1'500 * kMillisecond);
  transport_.Answer();
  EXPECT_EQ(OnWire(), "GET /a") << "one that took longer has no pace to keep";
  EXPECT_EQ(stats(0).lateness.max_us(), 0u);
}

TEST_F(Flows, IterationsThatHaveBegunFinishTheirStepsAfterTheLoadHasEnded) {
  OneVu("{request: a, get: /a}, {think: 8s}, {request: b, get: /b}");
  PassTime(5 * kSecond);
  transport_.Answer();
  PassTime(6 * kSecond);
  EXPECT_FALSE(executor_->Finished());
  PassTime(2 * kSecond);
  EXPECT_EQ(OnWire(), "GET /b");
  transport_.Answer();
  executor_->Advance(clock_.Now());
  EXPECT_TRUE(executor_->Finished());
  EXPECT_EQ(iterations().completed, 1u);
}

TEST_F(Flows, WhoeverThinksWhenNothingIsSentAnyMoreIsInterrupted) {
  OneVu("{request: a, get: /a}, {think: 8s}, {request: b, get: /b}");
  AnswerAfter(kSecond);
  PassTime(kSecond);
  executor_->EndLoad(clock_.Now());
  EXPECT_TRUE(executor_->Finished());
  EXPECT_EQ(iterations().interrupted, 1u);
  EXPECT_EQ(iterations().duration_censored.max_us(), 2'000'000u);
  EXPECT_EQ(stats(1).started, 0u);
}

TEST_F(Flows, AfterAFenceARequestThatEndsIsFollowedByNoOther) {
  OneVu("{request: a, get: /a}, {request: b, get: /b}");
  executor_->EndLoad(clock_.Now());
  AnswerAfter(kMillisecond);
  EXPECT_EQ(OnWire(), "none");
  EXPECT_EQ(stats(0).CountOf(Outcome::kOk), 1u);
  EXPECT_EQ(iterations().interrupted, 1u);
  EXPECT_TRUE(executor_->Finished());
}

TEST_F(Flows, ALaterStepThatGetsNoConnectionInTimeIsStartedAndHasFailed) {
  FakeTransport narrow(clock_, 1);
  transports_ = {&narrow};
  Make("executor: constant-arrival-rate, flow: buy, rate: 1/s, duration: 2s",
       "  buy: {steps: [{request: a, get: /a}, {think: 1500ms}, {request: b, get: /b}]}\n");
  narrow.Answer();
  PassTime(1'500 * kMillisecond);
  EXPECT_EQ(narrow.waiting(), 1u) << "the second arrival has the connection";
  narrow.ExpireWaiting();
  EXPECT_EQ(stats(1).started, 1u);
  EXPECT_EQ(stats(1).CountOf(Outcome::kConnectTimeout), 1u);
  EXPECT_EQ(arrivals().started, 2u);
  EXPECT_EQ(arrivals().Dropped(), 0u);
  EXPECT_EQ(iterations().failed, 1u);
}

TEST_F(Flows, ADroppedIterationLeavesNoGroupToTheNextOne) {
  FakeTransport narrow(clock_, 1);
  transports_ = {&narrow};
  Make("executor: constant-arrival-rate, flow: buy, rate: 1/s, duration: 3s",
       "  buy: {steps: [{group: g, steps: [{request: a, get: /a}]}]}\n");
  PassTime(kSecond);
  narrow.ExpireWaiting();
  EXPECT_EQ(arrivals().dropped_late, 1u);
  narrow.Answer();
  PassTime(kSecond);
  narrow.Fail(Outcome::kReset);
  EXPECT_EQ(iterations().groups[0].duration.TotalCount(), 1u);
  EXPECT_EQ(iterations().groups[0].duration_censored.TotalCount(), 1u) << "the one that failed";
}

TEST_F(Flows, MaxInFlightCountsIterations) {
  Make(
      "executor: constant-arrival-rate, flow: buy, rate: 10/s, duration: 1s, max_in_flight: 3, "
      "on_overflow: drop",
      "  buy: {steps: [{request: a, get: /a}, {think: 5s}, {request: b, get: /b}]}\n");
  for (int i = 0; i < 10; ++i) {
    while (transport_.on_wire() > 0) transport_.Answer();
    PassTime(100 * kMillisecond);
  }
  EXPECT_EQ(arrivals().intended, 10u);
  EXPECT_EQ(arrivals().started, 3u);
  EXPECT_EQ(arrivals().dropped_saturated, 7u);
  EXPECT_EQ(executor_->Levels(clock_.Now()).waiting, 0u) << "whoever thinks does not wait";
}

TEST_F(Flows, AreChosenByTheirWeightsAndAlikeForTheSameSeed) {
  std::string chosen;
  for (int pass = 0; pass < 2; ++pass) {
    std::string choices;
    clock_.AdvanceTo(kT0);
    Make(
        "executor: shared-iterations, vus: 1, iterations: 4000, "
        "flows: [{flow: buy, weight: 1}, {flow: look, weight: 3}]",
        "  buy: {steps: [{request: buy, get: /b}]}\n  look: {steps: [{request: look, get: /l}]}\n");
    for (int i = 0; i < 4'000; ++i) {
      choices += OnWire().back();
      transport_.Answer();
    }
    EXPECT_NEAR(static_cast<double>(stats(0).started), 1'000, 100);
    EXPECT_EQ(stats(0).started + stats(1).started, 4'000u);
    if (pass == 0) chosen = choices;
    EXPECT_EQ(choices, chosen);
  }
}

// --- failing exchanges ---

TEST_F(Flows, AFailedCheckIsKeptWithWhatItExpectedAndFound) {
  OneVu("{request: a, get: /a, expect: {status: 201, body_contains: needle}}");
  transport_.Answer(200, "hay and needle");
  const auto& kept = recorded_->recorder().current().failures;
  ASSERT_EQ(kept.size(), 1u);
  const v1::ExchangeRecord& record = kept[0].record;
  EXPECT_EQ(record.outcome(), v1::OUTCOME_OK);
  ASSERT_EQ(record.failed_checks_size(), 1);
  EXPECT_EQ(record.failed_checks(0), "status: expected 201, got 200");
  EXPECT_EQ(record.url(), "http://127.0.0.1:8080/a");
}

TEST_F(Flows, AFailureWithoutChecksTellsOfNoneThatFailedBefore) {
  OneVu("{request: a, get: /a, expect: {status: 201}}, {request: b, get: /b}",
        "on_error: continue, ");
  transport_.Answer(200);
  PassTime(kMillisecond);
  transport_.Answer(500);
  const auto& kept = recorded_->recorder().current().failures;
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[1].record.outcome(), v1::OUTCOME_BAD_STATUS);
  EXPECT_EQ(kept[1].record.failed_checks_size(), 0);
}

TEST_F(Flows, WhatTheRunsEndInterruptsIsNoFailure) {
  OneVu("{request: a, get: /a}");
  executor_->EndLoad(clock_.Now());
  transport_.Fail(Outcome::kInterrupted);
  EXPECT_TRUE(recorded_->recorder().current().failures.empty());
}

TEST_F(Flows, ASuccessThatThePlanExpectsIsNoFailure) {
  OneVu("{request: a, get: /a, expect: {status: 404}}");
  transport_.Answer(404);
  EXPECT_TRUE(recorded_->recorder().current().failures.empty());
}

}  // namespace
}  // namespace loadfleet
