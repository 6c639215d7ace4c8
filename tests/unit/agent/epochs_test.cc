// How a running load moves from owner to owner: every arrival of the one schedule has one owner and
// one end, whatever is lost, gained, late or fenced.
#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "agent/schedule/stripe.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/agent/fake_transport.h"
#include "tests/unit/agent/flows.h"
#include "tests/unit/agent/recorded.h"

namespace loadfleet {
namespace {

constexpr Nanos kT0 = 2'000 * kSecond;

ArrivalSchedule RateFor(uint64_t per_second, Nanos duration) {
  v1::Rate rate;
  rate.set_count(per_second);
  rate.set_period_ns(kSecond);
  return ArrivalSchedule::Constant(rate, duration);
}

// Moves some slots between some owners: some owner may lose or get everything.
std::vector<SlotSet> Moved(const std::vector<SlotSet>& held, std::mt19937& random) {
  std::vector<std::vector<uint16_t>> slots(held.size());
  const uint32_t loser = random() % held.size();
  const uint32_t share = random() % 4;  // of its slots: quarters that it keeps
  for (size_t owner = 0; owner < held.size(); ++owner) {
    for (const uint16_t slot : held[owner].slots()) {
      const bool moves = owner == loser && random() % 4 >= share;
      slots[moves ? random() % held.size() : owner].push_back(slot);
    }
  }
  std::vector<SlotSet> moved;
  for (auto& own : slots) moved.push_back(SlotSet::Of(std::move(own)));
  return moved;
}

// Orders come before what they decide, and some before the one before has come to pass.
template <typename Poisson>
void ExpectOneOwnerEach(const ArrivalSchedule& schedule, uint32_t seed, Poisson poisson) {
  std::mt19937 random(seed);
  const size_t owners = 1 + random() % 8;
  std::vector<SlotSet> held = Deal(SlotSet::All(), std::vector<uint32_t>(owners, 1));
  std::vector<Stripe> stripes;
  for (const SlotSet& slots : held) stripes.emplace_back(schedule, slots, poisson);
  std::vector<std::pair<uint64_t, Nanos>> taken;
  const auto take_until = [&](Nanos time) {
    for (Stripe& stripe : stripes) {
      const uint64_t due = stripe.DueBefore(time);
      const size_t before = taken.size();
      for (; !stripe.Done() && stripe.NextTime() < time; stripe.Take()) {
        taken.emplace_back(stripe.NextIndex(), stripe.NextTime());
      }
      EXPECT_EQ(taken.size() - before, due);
    }
  };
  Nanos now = 0;
  for (int epoch = 0; epoch < 6; ++epoch) {
    now += static_cast<Nanos>(random() % 200) * kMillisecond;
    take_until(now);
    const Nanos from = now + static_cast<Nanos>(random() % 300) * kMillisecond;
    held = Moved(held, random);
    for (size_t i = 0; i < owners; ++i) stripes[i].Reassign({held[i], from, from});
  }
  take_until(INT64_MAX);
  std::sort(taken.begin(), taken.end());
  std::vector<std::pair<uint64_t, Nanos>> single;
  for (Stripe stripe(schedule, SlotSet::All(), poisson); !stripe.Done(); stripe.Take()) {
    single.emplace_back(stripe.NextIndex(), stripe.NextTime());
  }
  ASSERT_EQ(taken, single) << "seed " << seed << ", " << owners << " owners";
}

TEST(StripeEpochs, EveryUniformArrivalHasOneOwnerWhateverMoves) {
  const ArrivalSchedule schedule = RateFor(20'011, 2 * kSecond);
  for (uint32_t seed = 0; seed < 40; ++seed) ExpectOneOwnerEach(schedule, seed, std::nullopt);
}

TEST(StripeEpochs, EveryPoissonArrivalHasOneOwnerWhateverMoves) {
  const ArrivalSchedule schedule = RateFor(20'011, 2 * kSecond);
  for (uint32_t seed = 0; seed < 40; ++seed) {
    ExpectOneOwnerEach(schedule, seed, std::optional<PoissonArrivals>(PoissonArrivals(seed, 1)));
  }
}

TEST(StripeEpochs, WhatAnArrivalIsIntendedForDecidesToTheNanosecond) {
  const ArrivalSchedule schedule = RateFor(1'000, kSecond);
  Stripe loser(schedule, SlotSet::All());
  Stripe gainer(schedule, SlotSet());
  EXPECT_TRUE(gainer.Done());
  loser.Reassign({SlotSet(), 500 * kMillisecond, 500 * kMillisecond});
  gainer.Reassign({SlotSet::All(), 500 * kMillisecond, 500 * kMillisecond});
  EXPECT_EQ(gainer.NextIndex(), 500u);
  EXPECT_EQ(gainer.NextTime(), 500 * kMillisecond);
  EXPECT_EQ(loser.DueBefore(INT64_MAX), 500u);
  EXPECT_EQ(gainer.DueBefore(INT64_MAX), 500u);
}

// Some workers with a clock and a network that answers at once.
class OpenEpochs : public ::testing::Test {
 protected:
  struct Owner {
    explicit Owner(const Clock& clock) : transport(clock) {}
    FakeTransport transport;
    std::vector<Transport*> transports = {&transport};
    Recorded recorded;
    std::unique_ptr<OpenModelExecutor> executor;
  };

  OpenEpochs() {
    clock_.AdvanceTo(kT0);
    request_.wire = "GET / HTTP/1.1\r\n\r\n";
    options_.max_in_flight = 65'536;
    options_.pacing = v1::PACING_PRECISE;
    options_.on_overflow = v1::ON_OVERFLOW_QUEUE;
    options_.max_lateness = 60 * kSecond;
  }

  // Of a schedule of 1,000/s for 10 s.
  Owner& Add(const SlotSet& slots) {
    Owner& owner = *owners_.emplace_back(std::make_unique<Owner>(clock_));
    owner.executor = std::make_unique<OpenModelExecutor>(
        clock_, flows_, Stripe(RateFor(1'000, 10 * kSecond), slots), options_, owner.transports,
        owner.recorded.recorder());
    owner.recorded.recorder().Start(kT0, clock_.Now());
    owner.executor->Start(kT0, clock_.Now());
    return owner;
  }

  // The executor alone, at every moment that it asks for; the others stand still.
  void RunTo(Nanos until) {
    Nanos now = clock_.Now();
    while (now < until) {
      Nanos next = until;
      for (auto& owner : owners_) {
        next = std::min(next, owner->executor->Advance(now));
        while (owner->transport.on_wire() > 0) owner->transport.Answer();
      }
      now = std::max(next, now);
      clock_.AdvanceTo(now);
    }
    for (auto& owner : owners_) {
      while (owner->executor->Advance(now) <= now) {
      }
      while (owner->transport.on_wire() > 0) owner->transport.Answer();
    }
  }

  ArrivalCounts Total() {
    ArrivalCounts sum;
    for (auto& owner : owners_) sum.Merge(owner->recorded.arrivals());
    return sum;
  }

  ManualClock clock_;
  RequestTemplate request_;
  ScenarioFlows flows_ = OneRequest(request_);
  OpenModelOptions options_;
  std::vector<std::unique_ptr<Owner>> owners_;
};

TEST_F(OpenEpochs, WhatIsMovedInTimeIsStartedOnceAndOnTime) {
  const std::vector<SlotSet> halves = Deal(SlotSet::All(), {1, 1});
  Owner& loser = Add(halves[0]);
  Owner& gainer = Add(halves[1]);
  RunTo(kT0 + 4 * kSecond);
  const Nanos from = kT0 + 4'300 * kMillisecond;
  EXPECT_EQ(loser.executor->Adjust({SlotSet(), from, from}, clock_.Now()), from);
  gainer.executor->Adjust({SlotSet::All(), from, from}, clock_.Now());
  RunTo(kT0 + 11 * kSecond);
  EXPECT_EQ(loser.recorded.arrivals().started, 2'150u);
  EXPECT_EQ(gainer.recorded.arrivals().started, 7'850u);
  EXPECT_EQ(Total().intended, 10'000u);
  EXPECT_EQ(gainer.recorded.stats().lateness.max_us(), 0u);
  EXPECT_TRUE(loser.executor->Finished());
}

TEST_F(OpenEpochs, WhatIsGainedTooLateIsDroppedAndNotMadeUp) {
  const std::vector<SlotSet> halves = Deal(SlotSet::All(), {1, 1});
  Owner& gainer = Add(halves[0]);
  RunTo(kT0 + 4 * kSecond);
  const Nanos from = kT0 + 3 * kSecond;
  gainer.executor->Adjust({SlotSet::All(), from, from}, clock_.Now());
  EXPECT_EQ(gainer.recorded.arrivals().dropped_fenced, 500u);
  EXPECT_EQ(gainer.recorded.arrivals().intended, 2'501u);
  RunTo(kT0 + 11 * kSecond);
  EXPECT_EQ(gainer.recorded.arrivals().dropped_fenced, 500u);
  EXPECT_EQ(gainer.recorded.arrivals().intended, 10'000u - 1'500u);
}

TEST_F(OpenEpochs, WhatIsLostTooLateStaysItsOwnUpToWhatItHasStarted) {
  Owner& loser = Add(SlotSet::All());
  RunTo(kT0 + 4 * kSecond);
  const Nanos from = kT0 + 3 * kSecond;
  const Nanos answer = loser.executor->Adjust({SlotSet(), from, from}, clock_.Now());
  EXPECT_EQ(answer, kT0 + 4 * kSecond + 1) << "the arrival of 4 s was started";
  RunTo(kT0 + 11 * kSecond);
  EXPECT_EQ(loser.recorded.arrivals().started, 4'001u);
}

TEST_F(OpenEpochs, AnOwnerWithoutSlotsWaitsForSomeUntilTheEndAndCountsNothing) {
  Owner& idle = Add(SlotSet());
  RunTo(kT0 + 9 * kSecond);
  EXPECT_FALSE(idle.executor->Finished());
  EXPECT_EQ(idle.recorded.arrivals().intended, 0u);
  RunTo(kT0 + 10 * kSecond);
  EXPECT_TRUE(idle.executor->Finished());
}

TEST_F(OpenEpochs, OneThatJoinsHasNothingOfTheTimeBefore) {
  clock_.AdvanceTo(kT0 + 6 * kSecond);
  Owner& joined = Add(SlotSet());
  const Nanos from = kT0 + 6'300 * kMillisecond;
  joined.executor->Adjust({SlotSet::All(), from, from}, clock_.Now());
  RunTo(kT0 + 11 * kSecond);
  EXPECT_EQ(joined.recorded.arrivals().intended, 3'700u);
  EXPECT_EQ(joined.recorded.arrivals().started, 3'700u);
}

TEST_F(OpenEpochs, AFenceLetsNothingStartAndANewEpochTakesItAway) {
  Owner& owner = Add(SlotSet::All());
  RunTo(kT0 + 2 * kSecond);
  owner.executor->Fence(clock_.Now());
  RunTo(kT0 + 5 * kSecond);
  EXPECT_EQ(owner.recorded.arrivals().intended, 2'001u) << "undecided";
  EXPECT_EQ(owner.recorded.arrivals().started, 2'001u);
  EXPECT_EQ(owner.executor->Levels(clock_.Now()).waiting, 0u);

  const Nanos from = kT0 + 5'300 * kMillisecond;
  owner.executor->Adjust({SlotSet::All(), from, from}, clock_.Now());
  RunTo(from - 1);
  EXPECT_EQ(owner.recorded.arrivals().started, 2'001u) << "not before the epoch";
  EXPECT_EQ(owner.recorded.arrivals().intended, 5'300u);
  RunTo(kT0 + 11 * kSecond);
  EXPECT_EQ(owner.recorded.arrivals().intended, 10'000u);
  EXPECT_EQ(owner.recorded.arrivals().dropped_fenced, 3'299u);
  EXPECT_EQ(owner.recorded.arrivals().started, 6'701u);
  EXPECT_EQ(owner.recorded.stats().lateness.max_us(), 0u);
}

TEST_F(OpenEpochs, AFencedOneWhoseSlotsWereGivenAwayHasWhatWasDueUntilThen) {
  Owner& owner = Add(SlotSet::All());
  RunTo(kT0 + 2 * kSecond);
  owner.executor->Fence(clock_.Now());
  RunTo(kT0 + 8 * kSecond);
  const Nanos from = kT0 + 3 * kSecond;
  EXPECT_EQ(owner.executor->Adjust({SlotSet(), from, from}, clock_.Now()), from);
  RunTo(kT0 + 8'100 * kMillisecond);
  EXPECT_EQ(owner.recorded.arrivals().intended, 3'000u);
  EXPECT_EQ(owner.recorded.arrivals().dropped_fenced, 999u);
  EXPECT_FALSE(owner.executor->Finished());

  const Nanos again = kT0 + 9 * kSecond;
  owner.executor->Adjust({SlotSet::All(), again, again}, clock_.Now());
  RunTo(kT0 + 11 * kSecond);
  EXPECT_EQ(owner.recorded.arrivals().intended, 4'000u);
  EXPECT_EQ(owner.recorded.arrivals().started, 3'001u);
}

TEST_F(OpenEpochs, AFenceUntilTheEndOfThePlanDropsEverythingThatWasDue) {
  Owner& owner = Add(SlotSet::All());
  RunTo(kT0 + 2 * kSecond);
  owner.executor->Fence(clock_.Now());
  RunTo(kT0 + 10 * kSecond);
  EXPECT_TRUE(owner.executor->Finished());
  EXPECT_EQ(owner.recorded.arrivals().intended, 10'000u);
  EXPECT_EQ(owner.recorded.arrivals().dropped_fenced, 7'999u);
}

TEST_F(OpenEpochs, AStopOfAFencedOneDropsWhatWasDueByThen) {
  Owner& owner = Add(SlotSet::All());
  RunTo(kT0 + 2 * kSecond);
  owner.executor->Fence(clock_.Now());
  clock_.AdvanceTo(kT0 + 4 * kSecond);
  owner.executor->EndLoad(clock_.Now());
  EXPECT_TRUE(owner.executor->Finished());
  EXPECT_EQ(owner.recorded.arrivals().intended, 4'001u);
  EXPECT_EQ(owner.recorded.arrivals().dropped_fenced, 2'000u);
}

TEST_F(OpenEpochs, LimitsFollowTheSlots) {
  options_.max_in_flight = 10;
  options_.on_overflow = v1::ON_OVERFLOW_DROP;
  Owner& owner = Add(SlotSet::Of({0, 1}));
  owner.executor->Adjust({SlotSet::All(), kT0 + 1, kT0 + 1}, clock_.Now());
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(kMillisecond);
    owner.executor->Advance(clock_.Now());
  }
  EXPECT_EQ(owner.transport.on_wire(), 10u);
}

// Owners that are fenced, lose, gain and are told late, at random.
TEST_F(OpenEpochs, WhateverHappensIntendedIsStartedOrDropped) {
  for (uint32_t seed = 0; seed < 10; ++seed) {
    std::mt19937 random(seed);
    owners_.clear();
    clock_.AdvanceTo(kT0);
    std::vector<SlotSet> held = Deal(SlotSet::All(), {1, 2, 1});
    for (const SlotSet& slots : held) Add(slots);
    for (int epoch = 0; epoch < 8; ++epoch) {
      RunTo(clock_.Now() + static_cast<Nanos>(random() % 900) * kMillisecond);
      if (random() % 3 == 0) owners_[random() % 3]->executor->Fence(clock_.Now());
      RunTo(clock_.Now() + static_cast<Nanos>(random() % 300) * kMillisecond);
      const std::vector<SlotSet> next = Moved(held, random);
      // First the losers, then the gainers from their answers on; late as often as not.
      Nanos from = clock_.Now() + (static_cast<Nanos>(random() % 400) - 200) * kMillisecond;
      for (size_t i = 0; i < 3; ++i) {
        const SlotSet kept = held[i].Without(held[i].Without(next[i]));
        from = std::max(from, owners_[i]->executor->Adjust({kept, from, from}, clock_.Now()));
      }
      RunTo(clock_.Now() + static_cast<Nanos>(random() % 20) * kMillisecond);
      for (size_t i = 0; i < 3; ++i) {
        owners_[i]->executor->Adjust({next[i], from, from}, clock_.Now());
      }
      held = next;
    }
    RunTo(kT0 + 12 * kSecond);
    const ArrivalCounts total = Total();
    EXPECT_EQ(total.intended, total.started + total.Dropped()) << seed;
    EXPECT_EQ(total.intended, 10'000u) << "seed " << seed << ": each has one owner";
  }
}

// VUs that send again as soon as they have an answer.
class ClosedEpochs : public ::testing::Test {
 protected:
  ClosedEpochs() {
    clock_.AdvanceTo(kT0);
    wheel_ = std::make_unique<DeadlineWheel>(kT0);
    plan_.vus = 4;
    plan_.duration = 10 * kSecond;
  }
  void Make(const SlotSet& slots) {
    executor_ = std::make_unique<ClosedModelExecutor>(clock_, *wheel_, flows_, slots, plan_,
                                                      transports_, recorded_.recorder());
    recorded_.recorder().Start(kT0, kT0);
    executor_->Start(kT0, kT0);
    executor_->Advance(kT0);
  }
  void AnswerAll() {
    for (size_t n = transport_.on_wire(); n > 0; --n) transport_.Answer();
  }

  ManualClock clock_;
  Recorded recorded_;
  FakeTransport transport_{clock_};
  std::vector<Transport*> transports_ = {&transport_};
  RequestTemplate request_;
  ScenarioFlows flows_ = OneRequest(request_);
  std::unique_ptr<DeadlineWheel> wheel_;
  VuPlan plan_;
  std::unique_ptr<ClosedModelExecutor> executor_;
};

TEST_F(ClosedEpochs, VusThatStayGoOnAndOthersBeginWhenTheirEpochDoes) {
  Make(SlotSet::Of({1, 3}));
  EXPECT_EQ(transport_.on_wire(), 2u);
  clock_.Advance(kSecond);
  const Nanos from = clock_.Now() + 300 * kMillisecond;
  executor_->Adjust({SlotSet::Of({0, 1, 2, 3}), from, from}, clock_.Now());
  EXPECT_EQ(executor_->Advance(clock_.Now()), from);
  EXPECT_EQ(transport_.on_wire(), 2u);
  clock_.AdvanceTo(from);
  executor_->Advance(from);
  EXPECT_EQ(transport_.on_wire(), 4u);
  EXPECT_EQ(recorded_.arrivals().started, 4u) << "nobody was restarted";
}

TEST_F(ClosedEpochs, VusOfLostSlotsEndWithTheirIteration) {
  Make(SlotSet::All());
  const Nanos from = kT0 + kSecond;
  executor_->Adjust({SlotSet::Of({2}), from, from}, clock_.Now());
  AnswerAll();
  EXPECT_EQ(transport_.on_wire(), 4u) << "not yet";
  clock_.AdvanceTo(from);
  executor_->Advance(from);
  EXPECT_EQ(transport_.on_wire(), 4u) << "what is on its way goes on";
  AnswerAll();
  EXPECT_EQ(transport_.on_wire(), 1u);
  // And they come back.
  executor_->Adjust({SlotSet::All(), from + 1, from + 1}, from);
  clock_.Advance(1);
  executor_->Advance(clock_.Now());
  EXPECT_EQ(transport_.on_wire(), 4u);
}

TEST_F(ClosedEpochs, AFenceSendsNothingAndANewEpochBringsEveryVuBackOnce) {
  Make(SlotSet::All());
  transport_.Answer();
  executor_->Fence(clock_.Now());
  AnswerAll();
  EXPECT_EQ(transport_.on_wire(), 0u);
  clock_.Advance(2 * kSecond);
  EXPECT_EQ(executor_->Advance(clock_.Now()), kT0 + 10 * kSecond);
  EXPECT_EQ(recorded_.arrivals().intended, 5u);
  const Nanos from = clock_.Now() + 300 * kMillisecond;
  executor_->Adjust({SlotSet::All(), from, from}, clock_.Now());
  executor_->Advance(clock_.Now());
  EXPECT_EQ(transport_.on_wire(), 0u);
  clock_.AdvanceTo(from);
  executor_->Advance(from);
  EXPECT_EQ(transport_.on_wire(), 4u);
  EXPECT_EQ(recorded_.arrivals().intended, recorded_.arrivals().started);
}

TEST_F(ClosedEpochs, AFenceUntilTheEndOfThePlanEndsIt) {
  Make(SlotSet::All());
  executor_->Fence(clock_.Now());
  clock_.AdvanceTo(kT0 + 10 * kSecond);
  executor_->Advance(clock_.Now());
  EXPECT_FALSE(executor_->Finished());
  AnswerAll();
  EXPECT_TRUE(executor_->Finished());
}

TEST_F(ClosedEpochs, CountedIterationsOfSomebodyElseAreNotDoneAnew) {
  plan_.iterations = 2;
  Make(SlotSet::Of({0, 1}));
  executor_->Adjust({SlotSet::Of({0, 2}), kT0 + 1, kT0 + 1}, clock_.Now());
  clock_.Advance(1);
  executor_->Advance(clock_.Now());
  EXPECT_EQ(transport_.on_wire(), 2u) << "VUs 0 and 1";
  AnswerAll();
  EXPECT_EQ(transport_.on_wire(), 1u) << "VU 0";
  AnswerAll();
  executor_->Advance(clock_.Now());
  EXPECT_TRUE(executor_->Finished());
  EXPECT_EQ(recorded_.arrivals().started, 3u);
}

TEST_F(ClosedEpochs, OnlyTheActiveOnesOfAGainBegin) {
  plan_.active.emplace(2);
  plan_.active->Append(10 * kSecond, 2);
  Make(SlotSet::Of({1}));
  executor_->Adjust({SlotSet::Of({0, 1, 2, 3}), kT0 + 1, kT0 + 1}, clock_.Now());
  clock_.Advance(1);
  executor_->Advance(clock_.Now());
  EXPECT_EQ(transport_.on_wire(), 2u);
}

}  // namespace
}  // namespace loadfleet
