#include "common/stats/quantile.h"

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(Quantiles, OfOneToThousandAreTheirRanks) {
  Histogram observed;
  for (int i = 1; i <= 1000; ++i) observed.Record(i);
  const auto values = QuantilesOf(observed, Histogram(), {0.5, 0.999, 0.0, 1.0});
  EXPECT_EQ(values[0].micros, 500);
  EXPECT_EQ(values[1].micros, 999);
  EXPECT_EQ(values[2].micros, 1);
  EXPECT_EQ(values[3].micros, 1000);
  for (const QuantileValue& value : values) EXPECT_FALSE(value.lower_bound);
}

TEST(Quantiles, NeverAboveTheExactMaximum) {
  Histogram observed;
  observed.Record(1'000'001);  // its bucket reaches further
  EXPECT_EQ(QuantilesOf(observed, Histogram(), {0.99})[0].micros, 1'000'001);
}

TEST(Quantiles, AmongTimeoutsAreLowerBoundsAtTheirAge) {
  Histogram observed, censored;
  observed.RecordMany(100, 980);
  censored.RecordMany(1'000, 20);
  const auto values = QuantilesOf(observed, censored, {0.5, 0.98, 0.99});
  EXPECT_FALSE(values[0].lower_bound);
  EXPECT_EQ(values[0].micros, 100);
  EXPECT_FALSE(values[1].lower_bound);
  EXPECT_TRUE(values[2].lower_bound);
  EXPECT_EQ(values[2].micros, 1'000);
}

TEST(Quantiles, DropsThatWereYoungStillHideNothing) {
  Histogram observed, censored;
  observed.RecordMany(100, 900);
  observed.RecordMany(5'000, 50);
  censored.RecordMany(0, 50);  // dropped at once: nobody knows how long they would have taken
  const auto values = QuantilesOf(observed, censored, {0.90, 0.99});
  EXPECT_FALSE(values[0].lower_bound);
  EXPECT_TRUE(values[1].lower_bound);
  EXPECT_NEAR(values[1].micros, 5'000, 5);
}

TEST(Quantiles, OfNothingAreZero) {
  EXPECT_EQ(QuantilesOf(Histogram(), Histogram(), {0.5})[0].micros, 0);
  EXPECT_EQ(SummaryQuantiles(Histogram(), Histogram()).count(), 0u);
}

}  // namespace
}  // namespace loadfleet
