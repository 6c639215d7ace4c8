#include "agent/scenario/closed_model.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/unit/agent/fake_transport.h"
#include "tests/unit/agent/flows.h"
#include "tests/unit/agent/recorded.h"

namespace loadfleet {
namespace {

constexpr Nanos kT0 = 2'000 * kSecond;

VuPlan VusFor(uint64_t vus, Nanos duration) {
  VuPlan plan;
  plan.vus = vus;
  plan.duration = duration;
  return plan;
}

class ClosedModel : public ::testing::Test {
 protected:
  ClosedModel() {
    clock_.AdvanceTo(kT0);
    wheel_ = std::make_unique<DeadlineWheel>(kT0);
    executor_ = std::make_unique<ClosedModelExecutor>(clock_, *wheel_, flows_, SlotSet::All(),
                                                      FourVus(), transports_, recorder_);
    recorder_.Start(kT0, kT0);
    executor_->Start(kT0, kT0);
  }

  static VuPlan FourVus() { return VusFor(4, 10 * kSecond); }
  void Plan(VuPlan plan) {
    executor_ = std::make_unique<ClosedModelExecutor>(clock_, *wheel_, flows_, SlotSet::All(),
                                                      std::move(plan), transports_, recorder_);
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
  std::vector<Transport*> transports_ = {&transport_};
  RequestTemplate request_;
  ScenarioFlows flows_ = OneRequest(request_);
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
  ClosedModelExecutor many(clock_, *wheel_, flows_, SlotSet::All(), VusFor(150, kSecond),
                           transports_, recorder_);
  many.Start(kT0, kT0);
  EXPECT_EQ(many.Advance(kT0), kT0);
  EXPECT_EQ(transport_.on_wire(), 64u);
  many.Advance(kT0);
  EXPECT_EQ(many.Advance(kT0), kT0 + kSecond);
  EXPECT_EQ(transport_.on_wire(), 150u);
}

TEST_F(ClosedModel, OnlyTheVusOfItsSlotsAreItsOwn) {
  ClosedModelExecutor half(clock_, *wheel_, flows_, Deal(SlotSet::All(), {1, 1})[1],
                           VusFor(101, kSecond), transports_, recorder_);
  half.Start(kT0, kT0);
  half.Advance(kT0);
  EXPECT_EQ(transport_.on_wire(), 50u);
}

TEST_F(ClosedModel, ARampActivatesVusOneByOneAndSendsThemHomeAgain) {
  VuPlan plan = FourVus();
  plan.active.emplace(0);
  plan.active->Append(4 * kSecond, 4);
  plan.active->Append(4 * kSecond, 0);
  plan.duration = 8 * kSecond;
  Plan(std::move(plan));
  const size_t expected[] = {0, 1, 2, 3, 4, 3, 2, 1};
  for (const size_t active : expected) {
    executor_->Advance(clock_.Now());
    EXPECT_EQ(transport_.on_wire(), active) << (clock_.Now() - kT0) / kSecond << " s";
    // Each whole second lies behind a step: whoever is asked for is told when the next one comes.
    const Nanos next = kT0 + ((clock_.Now() - kT0) / kSecond + 1) * kSecond;
    EXPECT_LE(executor_->Advance(clock_.Now()), next + 1);
    clock_.AdvanceTo(next);
    executor_->Advance(clock_.Now());
    // Those who have gone home by now send no other; the others go on.
    for (size_t i = transport_.on_wire(); i > 0; --i) transport_.Answer();
  }
  executor_->Advance(clock_.Now());
  EXPECT_TRUE(executor_->Finished());
}

TEST_F(ClosedModel, ARequestBelongsToTheStageInWhichItsVuBecameFree) {
  Recorded recorded(1, {}, 2);
  flows_.stage_ends = {2 * kSecond, 10 * kSecond};
  ClosedModelExecutor executor(clock_, *wheel_, flows_, SlotSet::All(), FourVus(), transports_,
                               recorded.recorder());
  recorded.recorder().Start(kT0, kT0);
  executor.Start(kT0, kT0);
  executor.Advance(kT0);
  clock_.AdvanceTo(kT0 + 2 * kSecond);
  for (int i = 0; i < 4; ++i) transport_.Answer();
  for (int i = 0; i < 4; ++i) transport_.Answer();
  EXPECT_EQ(recorded.stats(0).CountOf(Outcome::kOk), 4u);
  EXPECT_EQ(recorded.stats(1).CountOf(Outcome::kOk), 4u);
  EXPECT_EQ(recorded.arrivals(0).intended, 4u);
  EXPECT_EQ(recorded.arrivals(1).intended, 8u);
}

TEST_F(ClosedModel, EachVuDoesItsIterationsAndNoMore) {
  VuPlan plan = FourVus();
  plan.iterations = 3;
  Plan(std::move(plan));
  EXPECT_FALSE(executor_->Finished());
  executor_->Advance(clock_.Now());
  for (int i = 0; i < 12; ++i) {
    EXPECT_FALSE(executor_->Finished());
    transport_.Answer();
    executor_->Advance(clock_.Now());
  }
  EXPECT_EQ(transport_.on_wire(), 0u);
  EXPECT_TRUE(executor_->Finished());
  EXPECT_EQ(stats().CountOf(Outcome::kOk), 12u);
}

TEST_F(ClosedModel, SharedIterationsGoToWhoeverIsFree) {
  VuPlan plan = FourVus();
  plan.iterations = 10;
  plan.shared = true;
  Plan(std::move(plan));
  executor_->Advance(clock_.Now());
  EXPECT_EQ(transport_.on_wire(), 4u);
  for (int i = 0; i < 10; ++i) transport_.Answer();
  EXPECT_EQ(transport_.on_wire(), 0u);
  executor_->Advance(clock_.Now());
  EXPECT_TRUE(executor_->Finished());
  EXPECT_EQ(stats().started, 10u);
}

TEST(VuPlan, SharedIterationsAreDealtToVusWithoutALossHoweverManyWorkersThereAre) {
  VuPlan plan;
  plan.vus = 7;
  plan.iterations = 100;
  plan.shared = true;
  uint64_t sum = 0;
  for (uint64_t vu = 0; vu < plan.vus; ++vu) sum += plan.QuotaOf(vu);
  EXPECT_EQ(sum, 100u);
  EXPECT_EQ(plan.QuotaOf(0), 15u);
  EXPECT_EQ(plan.QuotaOf(6), 14u);
}

}  // namespace
}  // namespace loadfleet
