#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "agent/schedule/arrival_schedule.h"
#include "agent/schedule/release_gate.h"
#include "agent/schedule/stripe.h"

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
  ReleaseGate gate(30 * kMillisecond);
  Nanos t = 0;
  for (int i = 0; i < 1'000; ++i) {
    t += (i % 2 == 0 ? 50 : 10) * kMillisecond;
    EXPECT_LE(gate.EarliestFor(t, t), t);
    gate.Passed(t);
  }
}

TEST(ReleaseGate, LetsABacklogGoAtTwiceTheRate) {
  ReleaseGate gate(kMillisecond);
  // One second late: a thousand arrivals wait and another thousand become due while they go.
  Nanos now = kSecond;
  int within_a_second = 0;
  for (Nanos intended = 0; intended < 3 * kSecond; intended += kMillisecond) {
    now = std::max(now, gate.EarliestFor(intended, now));
    gate.Passed(now);
    if (now < 2 * kSecond) ++within_a_second;
  }
  EXPECT_NEAR(within_a_second, 2'000, 15);
}

}  // namespace
}  // namespace loadfleet
