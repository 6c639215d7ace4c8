#include "agent/link/clock_offset.h"

#include <random>

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(ClockOffset, TheSmallestRoundTripWins) {
  ClockOffset offset;
  EXPECT_FALSE(offset.known());
  // The master is 1,000,000 ahead. One slow probe whose way back was slow, one quick one.
  offset.Add(100, 1'000'110, 1'000'120, 5'130);
  offset.Add(10'000, 1'010'010, 1'010'020, 10'030);
  EXPECT_EQ(offset.offset(), 1'000'000);
  EXPECT_EQ(offset.bound(), 10);
}

TEST(ClockOffset, TheErrorNeverExceedsTheBound) {
  std::mt19937_64 random(5);
  const Nanos truth = -123'456'789;
  ClockOffset offset;
  Nanos now = 0;
  for (int i = 0; i < 500; ++i) {
    const Nanos there = static_cast<Nanos>(random() % 1'000'000);
    const Nanos held = static_cast<Nanos>(random() % 50'000);
    const Nanos back = static_cast<Nanos>(random() % 1'000'000);
    offset.Add(now, now + there + truth, now + there + held + truth, now + there + held + back);
    ASSERT_LE(std::abs(offset.offset() - truth), offset.bound());
    now += 500'000'000;
  }
}

TEST(ClockOffset, AnImpossibleAnswerIsIgnored) {
  ClockOffset offset;
  offset.Add(100, 0, 1'000, 200);  // held longer than the whole round trip
  EXPECT_FALSE(offset.known());
}

}  // namespace
}  // namespace loadfleet
