#include "agent/scenario/open_model.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/unit/agent/fake_transport.h"
#include "tests/unit/agent/flows.h"
#include "tests/unit/agent/recorded.h"

namespace loadfleet {
namespace {

constexpr Nanos kT0 = 2'000 * kSecond;

// One worker that owns the whole schedule, 1,000/s unless a test wants another rate, for 10 s.
class OpenModel : public ::testing::Test {
 protected:
  OpenModel() {
    clock_.AdvanceTo(kT0);
    request_.wire = "GET / HTTP/1.1\r\n\r\n";
    options_.max_in_flight = 20'000;
    options_.pacing = v1::PACING_PRECISE;
    options_.on_overflow = v1::ON_OVERFLOW_QUEUE;
    options_.max_lateness = 5 * kSecond;
  }

  void Make() {
    v1::Rate rate;
    rate.set_count(rate_);
    rate.set_period_ns(kSecond);
    executor_ = std::make_unique<OpenModelExecutor>(
        clock_, flows_, Stripe(ArrivalSchedule::Constant(rate, 10 * kSecond), SlotSet::All()),
        options_, transports_, recorder_);
    recorder_.Start(kT0, clock_.Now());
    executor_->Start(kT0, clock_.Now());
  }

  // Turns the loop at every moment it asks for, answering at once, until `until`.
  void RunTo(Nanos until) {
    while (true) {
      const Nanos next = executor_->Advance(clock_.Now());
      while (transport_.on_wire() > 0) transport_.Answer();
      if (next > until) break;
      clock_.AdvanceTo(next);
    }
    clock_.AdvanceTo(until);
  }

  const RequestStats& stats() { return recorded_.stats(); }
  const ArrivalCounts& arrivals() { return recorded_.arrivals(); }

  ManualClock clock_;
  Recorded recorded_;
  Recorder& recorder_ = recorded_.recorder();
  FakeTransport transport_{clock_};
  std::vector<Transport*> transports_ = {&transport_};
  RequestTemplate request_;
  ScenarioFlows flows_ = OneRequest(request_);
  OpenModelOptions options_;
  uint64_t rate_ = 1'000;  // a second
  std::unique_ptr<OpenModelExecutor> executor_;
};

TEST_F(OpenModel, SendsEveryArrivalAtItsIntendedTime) {
  Make();
  RunTo(kT0 + 11 * kSecond);
  EXPECT_EQ(arrivals().intended, 10'000u);
  EXPECT_EQ(arrivals().started, 10'000u);
  EXPECT_EQ(stats().lateness.max_us(), 0u);
  EXPECT_TRUE(executor_->Finished());
}

TEST_F(OpenModel, LastsAsLongAsPlannedThoughItsLastArrivalIsEarlier) {
  Make();
  RunTo(kT0 + 9'999 * kMillisecond);
  EXPECT_EQ(arrivals().started, 10'000u);
  EXPECT_FALSE(executor_->Finished());
  EXPECT_EQ(executor_->Advance(clock_.Now()), kT0 + 10 * kSecond);
  RunTo(kT0 + 10 * kSecond);
  EXPECT_TRUE(executor_->Finished());
}

TEST_F(OpenModel, AFrozenTargetsWaitIsInTheResponseTimeAndNotInTheLateness) {
  Make();
  // Nothing is answered for a second; the schedule goes on.
  for (int i = 0; i < 1'000; ++i) {
    executor_->Advance(clock_.Now());
    clock_.Advance(kMillisecond);
  }
  while (transport_.on_wire() > 0) transport_.Answer();
  EXPECT_EQ(stats().response_time.TotalCount(), 1'000u);
  EXPECT_NEAR(static_cast<double>(stats().response_time.max_us()), 1e6, 1);
  EXPECT_NEAR(stats().response_time.MeanMicros(), 500'500, 1);
  EXPECT_EQ(stats().lateness.max_us(), 0u);
}

TEST_F(OpenModel, ABacklogIsStartedInPiecesSoThatResponsesAreReadInBetween) {
  v1::Rate rate;
  rate.set_count(100'000);
  rate.set_period_ns(kSecond);
  OpenModelExecutor executor(clock_, flows_,
                             Stripe(ArrivalSchedule::Constant(rate, kSecond), SlotSet::All()),
                             options_, transports_, recorder_);
  recorder_.Start(kT0, kT0);
  executor.Start(kT0, kT0);
  clock_.Advance(4 * kMillisecond);
  EXPECT_EQ(executor.Advance(clock_.Now()), clock_.Now()) << "it wants to be called again at once";
  EXPECT_EQ(transport_.on_wire(), 64u);
  while (executor.Advance(clock_.Now()) == clock_.Now()) {
  }
  EXPECT_EQ(transport_.on_wire(), 401u);
}

TEST_F(OpenModel, TheWaitForAConnectionIsQueueWait) {
  FakeTransport narrow(clock_, 1);
  Transport* const narrow_one[] = {&narrow};
  v1::Rate rate;
  rate.set_count(1'000);
  rate.set_period_ns(kSecond);
  OpenModelExecutor executor(clock_, flows_,
                             Stripe(ArrivalSchedule::Constant(rate, kSecond), SlotSet::All()),
                             options_, narrow_one, recorder_);
  executor.Start(kT0, kT0);
  recorder_.Start(kT0, kT0);
  for (int i = 0; i <= 10; ++i) {
    executor.Advance(clock_.Now());
    if (i < 10) clock_.Advance(kMillisecond);
  }
  EXPECT_EQ(narrow.waiting(), 10u);
  EXPECT_EQ(executor.Levels(clock_.Now()).in_flight, 1u);
  EXPECT_EQ(executor.Levels(clock_.Now()).waiting, 10u);
  EXPECT_EQ(executor.Levels(clock_.Now()).oldest_age, 10 * kMillisecond);
  narrow.Answer();
  narrow.Answer();
  EXPECT_EQ(stats().queue_wait.max_us(), 9'000u);
  EXPECT_EQ(stats().lateness.max_us(), 0u);
  EXPECT_EQ(stats().response_time.max_us(), 10'000u);
}

TEST_F(OpenModel, ALateGeneratorSendsEverythingAtNoMoreThanTwiceTheRateAndSaysHowLate) {
  Make();
  clock_.Advance(2 * kSecond);  // the worker was stopped
  RunTo(kT0 + 3 * kSecond);
  EXPECT_NEAR(static_cast<double>(arrivals().started), 2'000, 15) << "twice 1,000/s for a second";
  RunTo(kT0 + 11 * kSecond);
  EXPECT_EQ(arrivals().started, 10'000u);
  EXPECT_EQ(stats().lateness.max_us(), 2'000'000u);
  EXPECT_EQ(arrivals().Dropped(), 0u);
}

TEST_F(OpenModel, BeyondMaxLatenessAnArrivalIsDroppedCountedAndCensored) {
  options_.max_lateness = 500 * kMillisecond;
  Make();
  clock_.Advance(2 * kSecond);
  RunTo(kT0 + 11 * kSecond);
  EXPECT_EQ(arrivals().intended, 10'000u);
  EXPECT_EQ(arrivals().dropped_late, stats().response_time_censored.TotalCount());
  EXPECT_GT(arrivals().dropped_late, 1'400u);
  EXPECT_EQ(arrivals().started + arrivals().dropped_late, 10'000u);
  EXPECT_LE(stats().lateness.max_us(), 500'000u);
}

TEST_F(OpenModel, OverflowDropsWhatExceedsMaxInFlight) {
  options_.max_in_flight = 3;
  options_.on_overflow = v1::ON_OVERFLOW_DROP;
  Make();
  for (int i = 0; i < 10; ++i) {
    executor_->Advance(clock_.Now());
    clock_.Advance(kMillisecond);
  }
  EXPECT_EQ(transport_.on_wire(), 3u);
  EXPECT_EQ(arrivals().dropped_saturated, 7u);
  EXPECT_EQ(stats().response_time_censored.TotalCount(), 7u);
}

TEST_F(OpenModel, OverflowQueuesInOrderAndTheWaitCounts) {
  options_.max_in_flight = 3;
  Make();
  for (int i = 0; i < 10; ++i) {
    executor_->Advance(clock_.Now());
    clock_.Advance(kMillisecond);
  }
  EXPECT_EQ(transport_.on_wire(), 3u);
  transport_.Answer();
  EXPECT_EQ(transport_.on_wire(), 3u) << "the next one took the freed place";
  EXPECT_EQ(stats().queue_wait.max_us(), 7'000u);
  EXPECT_EQ(arrivals().Dropped(), 0u);
}

TEST_F(OpenModel, WhatOverflowedGoesOnWhenPlacesComeFreeByExpiry) {
  options_.max_in_flight = 3;
  FakeTransport dead(clock_, 0);
  Transport* const dead_one[] = {&dead};
  v1::Rate rate;
  rate.set_count(1'000);
  rate.set_period_ns(kSecond);
  OpenModelExecutor executor(clock_, flows_,
                             Stripe(ArrivalSchedule::Constant(rate, kSecond), SlotSet::All()),
                             options_, dead_one, recorder_);
  recorder_.Start(kT0, kT0);
  executor.Start(kT0, kT0);
  for (int i = 0; i < 5; ++i) {
    executor.Advance(clock_.Now());
    clock_.Advance(kMillisecond);
  }
  EXPECT_EQ(dead.waiting(), 3u);
  for (int i = 0; i < 3; ++i) dead.ExpireWaiting();
  executor.Advance(clock_.Now());
  EXPECT_EQ(dead.waiting(), 3u) << "the next three are on their way";
}

TEST_F(OpenModel, AfterTheEndOfTheLoadWhatOverflowedIsFencedAndNeverSent) {
  options_.max_in_flight = 3;
  Make();
  for (int i = 0; i < 10; ++i) {
    executor_->Advance(clock_.Now());
    clock_.Advance(kMillisecond);
  }
  EXPECT_EQ(executor_->Levels(clock_.Now() - kMillisecond).waiting, 7u);
  executor_->EndLoad(clock_.Now());
  while (transport_.on_wire() > 0) transport_.Answer();
  EXPECT_EQ(arrivals().started, 3u);
  EXPECT_EQ(arrivals().intended, arrivals().started + arrivals().dropped_fenced);
  EXPECT_TRUE(executor_->Finished());
}

TEST_F(OpenModel, ALateStartBeginsAtTheCurrentArrivalWithoutABurst) {
  clock_.Advance(4 * kSecond);
  Make();
  executor_->Advance(clock_.Now());
  EXPECT_EQ(transport_.on_wire(), 1u);
  EXPECT_EQ(arrivals().dropped_fenced, 4'000u);
  EXPECT_EQ(stats().response_time_censored.TotalCount(), 4'000u);
}

TEST_F(OpenModel, AfterTheLoadHasEndedNothingStartsAndEverythingDueIsAccountedFor) {
  Make();
  RunTo(kT0 + kSecond);
  clock_.Advance(100 * kMillisecond);
  executor_->EndLoad(clock_.Now());
  EXPECT_EQ(executor_->Advance(clock_.Now()), kNever);
  EXPECT_EQ(arrivals().intended, arrivals().started + arrivals().dropped_fenced);
  EXPECT_EQ(arrivals().intended, 1'101u);
  EXPECT_TRUE(executor_->Finished());
}

TEST_F(OpenModel, BatchedPacingStartsNothingBetweenWholeMillisecondsThoughAResponseWakesIt) {
  options_.pacing = v1::PACING_BATCHED;
  rate_ = 4'000;
  Make();
  EXPECT_EQ(executor_->Advance(clock_.Now()), kT0 + kMillisecond);
  EXPECT_EQ(arrivals().started, 1u);
  clock_.Advance(600 * kMicrosecond);
  transport_.Answer();
  EXPECT_EQ(executor_->Advance(clock_.Now()), kT0 + kMillisecond);
  EXPECT_EQ(arrivals().started, 1u);
  clock_.AdvanceTo(kT0 + kMillisecond);
  EXPECT_EQ(executor_->Advance(clock_.Now()), kT0 + 2 * kMillisecond);
  EXPECT_EQ(arrivals().started, 5u);
  // The wait for the batch is the generator's, and shown.
  EXPECT_EQ(stats().lateness.max_us(), 750u);
}

TEST_F(OpenModel, AFailureWithoutAResponseIsCensoredAtItsAge) {
  Make();
  executor_->Advance(clock_.Now());
  clock_.Advance(200 * kMillisecond);
  transport_.Fail(Outcome::kReset);
  EXPECT_EQ(stats().CountOf(Outcome::kReset), 1u);
  EXPECT_EQ(stats().response_time.TotalCount(), 0u);
  EXPECT_EQ(stats().response_time_censored.min_us(), 200'000u);
}

TEST_F(OpenModel, WhatIsIntendedInAStageCountsThereWheneverItEnds) {
  Recorded recorded(1, {}, 3);
  flows_.stage_ends = {2 * kSecond, 2 * kSecond, 10 * kSecond};
  v1::Rate rate;
  rate.set_count(1'000);
  rate.set_period_ns(kSecond);
  options_.max_in_flight = 2'500;
  options_.on_overflow = v1::ON_OVERFLOW_DROP;
  OpenModelExecutor executor(clock_, flows_,
                             Stripe(ArrivalSchedule::Constant(rate, 3 * kSecond), SlotSet::All()),
                             options_, transports_, recorded.recorder());
  recorded.recorder().Start(kT0, clock_.Now());
  executor.Start(kT0, clock_.Now());
  // Nothing is answered before the schedule is over; then everything is, in the last stage.
  for (Nanos next = kT0; next < kT0 + 3 * kSecond; next = executor.Advance(clock_.Now())) {
    clock_.AdvanceTo(next);
  }
  clock_.AdvanceTo(kT0 + 3 * kSecond);
  while (transport_.on_wire() > 0) transport_.Answer();

  EXPECT_EQ(recorded.arrivals(0).intended, 2'000u);
  EXPECT_EQ(recorded.arrivals(0).started, 2'000u);
  EXPECT_EQ(recorded.stats(0).CountOf(Outcome::kOk), 2'000u);
  EXPECT_EQ(recorded.stats(0).response_time.max_us(), 3'000'000u);
  EXPECT_EQ(recorded.arrivals(1), ArrivalCounts()) << "a jump lasts no time";
  EXPECT_EQ(recorded.arrivals(2).intended, 1'000u);
  EXPECT_EQ(recorded.arrivals(2).dropped_saturated, 500u);
  EXPECT_EQ(recorded.stats(2).started, 500u);
  EXPECT_EQ(recorded.stats(2).response_time_censored.TotalCount(), 500u);
}

}  // namespace
}  // namespace loadfleet
