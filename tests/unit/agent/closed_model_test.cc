#include "agent/scenario/closed_model.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/unit/agent/fake_transport.h"
#include "tests/unit/agent/recorded.h"

namespace loadfleet {
namespace {

constexpr Nanos kT0 = 2'000 * kSecond;

class ClosedModel : public ::testing::Test {
 protected:
  ClosedModel() {
    clock_.AdvanceTo(kT0);
    wheel_ = std::make_unique<DeadlineWheel>(kT0);
    executor_ = std::make_unique<ClosedModelExecutor>(clock_, *wheel_, request_, SlotSet::All(), 4,
                                                      10 * kSecond, transport_, recorder_);
    recorder_.Start(kT0, kT0);
    executor_->Start(kT0, kT0);
  }

  void PassTime(Nanos by) {
    const Nanos until = clock_.Now() + by;
    while (wheel_->NextAdvance() <= until) {
      clock_.AdvanceTo(wheel_->NextAdvance());
      wheel_->Advance(clock_.Now());
    }
    clock_.AdvanceTo(until);
  }

  const RequestStats& stats() { return recorded_.stats(); }

  ManualClock clock_;
  Recorded recorded_;
  Recorder& recorder_ = recorded_.recorder();
  FakeTransport transport_{clock_};
  RequestTemplate request_;
  std::unique_ptr<DeadlineWheel> wheel_;
  std::unique_ptr<ClosedModelExecutor> executor_;
};

TEST_F(ClosedModel, EveryVuSendsAgainAsSoonAsItsRequestHasEnded) {
  executor_->Advance(clock_.Now());
  EXPECT_EQ(transport_.on_wire(), 4u);
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(kMillisecond);
    transport_.Answer();
    EXPECT_EQ(transport_.on_wire(), 4u);
  }
  EXPECT_EQ(stats().CountOf(Outcome::kOk), 100u);
  EXPECT_EQ(stats().response_time.max_us(), 4'000u) << "from the moment the VU became free";
}

TEST_F(ClosedModel, NothingStartsAfterTheDurationAndWhatIsInFlightFinishes) {
  executor_->Advance(clock_.Now());
  clock_.Advance(11 * kSecond);
  executor_->Advance(clock_.Now());
  EXPECT_FALSE(executor_->Finished());
  while (transport_.on_wire() > 0) transport_.Answer();
  EXPECT_TRUE(executor_->Finished());
  EXPECT_EQ(recorded_.arrivals().started, 4u);
}

TEST_F(ClosedModel, AVuThatGetsNoResponseBacksOffFromTenMillisecondsToOneSecond) {
  executor_->Advance(clock_.Now());
  for (int i = 0; i < 4; ++i) transport_.Fail(Outcome::kRefused);
  EXPECT_EQ(transport_.on_wire(), 0u);
  PassTime(30 * kMillisecond);
  EXPECT_EQ(transport_.on_wire(), 4u);
  for (int attempt = 0; attempt < 9; ++attempt) {
    while (transport_.on_wire() > 0) transport_.Fail(Outcome::kRefused);
    PassTime(1'020 * kMillisecond);
    EXPECT_EQ(transport_.on_wire(), 4u) << attempt;
  }
  while (transport_.on_wire() > 0) transport_.Fail(Outcome::kRefused);
  PassTime(900 * kMillisecond);
  EXPECT_EQ(transport_.on_wire(), 0u) << "the back-off has grown to a second";
}

TEST_F(ClosedModel, ManyVusBeginInPiecesSoThatResponsesAreReadInBetween) {
  ClosedModelExecutor many(clock_, *wheel_, request_, SlotSet::All(), 150, kSecond, transport_,
                           recorder_);
  many.Start(kT0, kT0);
  EXPECT_EQ(many.Advance(kT0), kT0);
  EXPECT_EQ(transport_.on_wire(), 64u);
  many.Advance(kT0);
  EXPECT_EQ(many.Advance(kT0), kT0 + kSecond);
  EXPECT_EQ(transport_.on_wire(), 150u);
}

TEST_F(ClosedModel, OnlyTheVusOfItsSlotsAreItsOwn) {
  ClosedModelExecutor half(clock_, *wheel_, request_, Deal(SlotSet::All(), {1, 1})[1], 101, kSecond,
                           transport_, recorder_);
  half.Start(kT0, kT0);
  half.Advance(kT0);
  EXPECT_EQ(transport_.on_wire(), 50u);
}

}  // namespace
}  // namespace loadfleet
