#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "agent/schedule/release_gate.h"
#include "agent/schedule/stripe.h"
#include "common/schedule/arrival_schedule.h"

namespace loadfleet {
namespace {

v1::Rate RateOf(uint64_t count, Nanos period) {
  v1::Rate rate;
  rate.set_count(count);
  rate.set_period_ns(period);
  return rate;
}

TEST(ArrivalSchedule, TheNthArrivalIsAtItsShareOfThePeriodExactly) {
  struct Row {
    uint64_t count;
    Nanos period;
    Nanos duration;
    uint64_t arrivals;
    uint64_t n;
    Nanos time;
  };
  const Row table[] = {
      {1000, kSecond, 30 * kSecond, 30'000, 0, 0},
      {1000, kSecond, 30 * kSecond, 30'000, 29'999, 29'999 * kMillisecond},
      {3, kSecond, kSecond, 3, 1, 333'333'333},
      {3, kSecond, kSecond, 3, 2, 666'666'666},
      {1, 60 * kSecond, 90 * kSecond, 2, 1, 60 * kSecond},
      {1, 60 * kSecond, kSecond, 1, 0, 0},
      {7, kSecond, 1, 1, 0, 0},
      // A month at ten million a second: no rounding has crept in.
      {10'000'000, kSecond, 30LL * 86'400 * kSecond, 25'920'000'000'000ULL, 25'919'999'999'999ULL,
       30LL * 86'400 * kSecond - 100},
  };
  for (const Row& row : table) {
    const auto schedule = ArrivalSchedule::Constant(RateOf(row.count, row.period), row.duration);
    EXPECT_EQ(schedule.Count(), row.arrivals);
    EXPECT_EQ(schedule.TimeOf(row.n), row.time);
  }
}

TEST(ArrivalSchedule, CountBeforeCountsWhatTimeOfPlaces) {
  const auto schedule = ArrivalSchedule::Constant(RateOf(7'919, kSecond), 3 * kSecond);
  for (uint64_t n = 0; n < schedule.Count(); ++n) {
    ASSERT_EQ(schedule.CountBefore(schedule.TimeOf(n)), n);
    ASSERT_EQ(schedule.CountBefore(schedule.TimeOf(n) + 1), n + 1);
  }
  EXPECT_EQ(schedule.CountBefore(-5), 0u);
  EXPECT_EQ(schedule.CountBefore(100 * kSecond), schedule.Count());
}

using Arrival = std::pair<uint64_t, Nanos>;

std::vector<Arrival> Drain(Stripe stripe) {
  std::vector<Arrival> arrivals;
  for (; !stripe.Done(); stripe.Take()) {
    arrivals.emplace_back(stripe.NextIndex(), stripe.NextTime());
  }
  return arrivals;
}

TEST(Stripe, TheUnionOfNStripesIsTheSingleScheduleForNUpTo64) {
  const auto schedule = ArrivalSchedule::Constant(RateOf(50'021, kSecond), 2 * kSecond);
  const std::vector<Arrival> single = Drain(Stripe(schedule, SlotSet::All()));
  ASSERT_EQ(single.size(), schedule.Count());
  for (uint32_t n = 1; n <= 64; ++n) {
    std::vector<uint32_t> weights;
    for (uint32_t i = 0; i < n; ++i) weights.push_back(1 + i % 3);
    std::vector<Arrival> together;
    for (const SlotSet& agent : Deal(SlotSet::All(), weights)) {
      for (const SlotSet& worker : Deal(agent, {1, 1})) {
        const std::vector<Arrival> part = Drain(Stripe(schedule, worker));
        together.insert(together.end(), part.begin(), part.end());
      }
    }
    std::sort(together.begin(), together.end());
    ASSERT_EQ(together, single) << n << " agents of two workers";
  }
}

TEST(Stripe, OfNoSlotsHasNothing) {
  const auto schedule = ArrivalSchedule::Constant(RateOf(1'000, kSecond), kSecond);
  EXPECT_TRUE(Stripe(schedule, SlotSet()).Done());
}

TEST(ReleaseGate, NeverHoldsArrivalsThatAreOnTimeHoweverUnevenTheirGaps) {
  ReleaseGate gate;
  Nanos t = 0;
  for (int i = 0; i < 1'000; ++i) {
    t += (i % 2 == 0 ? 50 : 10) * kMillisecond;
    EXPECT_LE(gate.EarliestFor(t, t), t);
    gate.Passed(t, 30 * kMillisecond);
  }
}

TEST(ReleaseGate, LetsABacklogGoAtTwiceTheRate) {
  ReleaseGate gate;
  // One second late: a thousand arrivals wait and another thousand become due while they go.
  Nanos now = kSecond;
  int within_a_second = 0;
  for (Nanos intended = 0; intended < 3 * kSecond; intended += kMillisecond) {
    now = std::max(now, gate.EarliestFor(intended, now));
    gate.Passed(now, kMillisecond);
    if (now < 2 * kSecond) ++within_a_second;
  }
  EXPECT_NEAR(within_a_second, 2'000, 15);
}

ArrivalSchedule Ramp(uint64_t start, std::vector<std::pair<Nanos, uint64_t>> stages) {
  v1::RampingArrivalRate load;
  *load.mutable_start_rate() = RateOf(start, kSecond);
  for (const auto& [duration, target] : stages) {
    v1::RateStage& stage = *load.add_stages();
    stage.set_duration_ns(duration);
    *stage.mutable_target() = RateOf(target, kSecond);
  }
  return ArrivalSchedule::Ramping(load);
}

TEST(RampingSchedule, TheNthArrivalIsWhereTheIntegralOfTheRateReachesN) {
  const ArrivalSchedule up = Ramp(0, {{10 * kSecond, 100}});
  EXPECT_EQ(up.Count(), 500u);
  EXPECT_EQ(up.TimeOf(0), 0);
  EXPECT_EQ(up.TimeOf(5), kSecond) << "5 t^2 = n";
  EXPECT_EQ(up.TimeOf(125), 5 * kSecond);
  const ArrivalSchedule down = Ramp(100, {{10 * kSecond, 0}});
  EXPECT_EQ(down.Count(), 500u);
  EXPECT_EQ(down.TimeOf(375), 5 * kSecond) << "100 t - 5 t^2 = n";
}

TEST(RampingSchedule, StagesFollowEachOtherWithPausesAndJumps) {
  const ArrivalSchedule schedule =
      Ramp(10, {{2 * kSecond, 10}, {0, 0}, {3 * kSecond, 0}, {0, 100}, {kSecond, 100}});
  EXPECT_EQ(schedule.Count(), 120u);
  EXPECT_EQ(schedule.TimeOf(19), 1'900 * kMillisecond);
  EXPECT_EQ(schedule.TimeOf(20), 5 * kSecond) << "after the pause";
  EXPECT_EQ(schedule.TimeOf(21), 5'010 * kMillisecond);
  EXPECT_EQ(schedule.duration(), 6 * kSecond);
}

TEST(RampingSchedule, IsTheConstantOneWhenItDoesNotRamp) {
  const ArrivalSchedule ramp = Ramp(7'919, {{30 * kSecond, 7'919}});
  const ArrivalSchedule constant = ArrivalSchedule::Constant(RateOf(7'919, kSecond), 30 * kSecond);
  ASSERT_EQ(ramp.Count(), constant.Count());
  for (uint64_t n = 0; n < ramp.Count(); n += 101) {
    EXPECT_EQ(ramp.TimeOf(n), constant.TimeOf(n)) << n;
  }
}

TEST(RampingSchedule, CountBeforeCountsWhatTimeOfPlaces) {
  const ArrivalSchedule schedule = Ramp(3, {{kSecond, 1'000}, {2 * kSecond, 50}});
  for (uint64_t n = 1; n < schedule.Count(); ++n) {
    ASSERT_LE(schedule.TimeOf(n - 1), schedule.TimeOf(n));
    ASSERT_LE(schedule.CountBefore(schedule.TimeOf(n)), n);
    ASSERT_GT(schedule.CountBefore(schedule.TimeOf(n) + 1), n);
  }
}

TEST(PoissonStripe, TheUnionOfNStripesIsTheSingleScheduleForNUpTo64) {
  const ArrivalSchedule schedule = Ramp(1'000, {{kSecond, 5'000}, {kSecond, 200}});
  const PoissonArrivals poisson(42, 3);
  const std::vector<Arrival> single = Drain(Stripe(schedule, SlotSet::All(), poisson));
  ASSERT_GT(single.size(), 5'000u);
  for (size_t i = 0; i < single.size(); ++i) ASSERT_EQ(single[i].first, i);
  for (const size_t stripes : {2, 7, 64}) {
    std::vector<Arrival> all;
    for (const SlotSet& part : Deal(SlotSet::All(), std::vector<uint32_t>(stripes, 1))) {
      const std::vector<Arrival> own = Drain(Stripe(schedule, part, poisson));
      all.insert(all.end(), own.begin(), own.end());
    }
    std::sort(all.begin(), all.end(),
              [](const Arrival& a, const Arrival& b) { return a.first < b.first; });
    EXPECT_EQ(all, single) << stripes;
  }
}

// The number in a second has its mean for a variance, and gaps are exponential: a share of 1/e is
// longer than the mean.
TEST(PoissonStripe, IsAPoissonProcess) {
  const auto schedule = ArrivalSchedule::Constant(RateOf(100, kSecond), 2'000 * kSecond);
  const std::vector<Arrival> arrivals =
      Drain(Stripe(schedule, SlotSet::All(), PoissonArrivals(7, 0)));
  std::vector<double> seconds(2'000, 0);
  size_t long_gaps = 0;
  for (size_t i = 0; i < arrivals.size(); ++i) {
    ++seconds[static_cast<size_t>(arrivals[i].second / kSecond)];
    if (i > 0 && arrivals[i].second - arrivals[i - 1].second > 10 * kMillisecond) ++long_gaps;
  }
  const double mean = static_cast<double>(arrivals.size()) / 2'000;
  double variance = 0;
  for (const double count : seconds) variance += (count - mean) * (count - mean) / 2'000;
  EXPECT_NEAR(mean, 100, 1);  // more than four standard deviations
  EXPECT_NEAR(variance, 100, 15);
  EXPECT_NEAR(static_cast<double>(long_gaps) / static_cast<double>(arrivals.size()), 0.3679, 0.005);
}

TEST(PoissonStripe, AnotherSeedOrScenarioGivesOtherArrivals) {
  const auto schedule = ArrivalSchedule::Constant(RateOf(100, kSecond), 10 * kSecond);
  const auto drawn = [&](uint64_t seed, uint32_t scenario) {
    return Drain(Stripe(schedule, SlotSet::All(), PoissonArrivals(seed, scenario)));
  };
  EXPECT_EQ(drawn(1, 0), drawn(1, 0));
  EXPECT_NE(drawn(1, 0), drawn(2, 0));
  EXPECT_NE(drawn(1, 0), drawn(1, 1));
}

TEST(PlannedArrivals, AreWhatTheStripesHave) {
  v1::Scenario scenario;
  v1::ConstantArrivalRate& load = *scenario.mutable_constant_arrival_rate();
  *load.mutable_rate() = RateOf(1'000, kSecond);
  load.set_duration_ns(10 * kSecond);
  EXPECT_EQ(PlannedArrivals(scenario, 5, 2, 5 * kSecond), 5'000u);
  load.mutable_open()->set_arrival(v1::ARRIVAL_POISSON);
  EXPECT_EQ(
      PlannedArrivals(scenario, 5, 2, 10 * kSecond),
      Drain(Stripe(ArrivalSchedule::Of(scenario), SlotSet::All(), PoissonArrivals(5, 2))).size());
}

}  // namespace
}  // namespace loadfleet
