#include "common/stats/histogram.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(Histogram, EveryBucketHoldsItsOwnBoundsAndBordersTheNext) {
  for (uint32_t index = 0; index < Histogram::kBuckets; ++index) {
    ASSERT_EQ(Histogram::IndexOf(Histogram::LowestAt(index)), index);
    ASSERT_EQ(Histogram::IndexOf(Histogram::HighestAt(index)), index);
    if (index > 0) {
      ASSERT_EQ(Histogram::LowestAt(index), Histogram::HighestAt(index - 1) + 1);
    }
  }
  EXPECT_GT(Histogram::HighestAt(Histogram::kBuckets - 1), Histogram::kMaxMicros);
}

TEST(Histogram, AValuesErrorIsAtMostOneMicrosecondOrATenthOfAPercent) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const double exponent = std::uniform_real_distribution<double>(0, 9.5)(random);
    const auto value = static_cast<uint64_t>(std::pow(10, exponent));
    const uint32_t index = Histogram::IndexOf(value);
    const uint64_t width = Histogram::HighestAt(index) - Histogram::LowestAt(index);
    ASSERT_LE(static_cast<double>(width), std::max(1.0, 0.001 * static_cast<double>(value)));
  }
}

TEST(Histogram, TheSameSamplesThroughOneAndThroughEightGiveIdenticalBuckets) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(7, 1.5);
  Histogram one;
  std::vector<Histogram> eight(8);
  for (int i = 0; i < 50'000; ++i) {
    const auto value = static_cast<uint64_t>(latency(random));
    one.Record(value);
    eight[random() % 8].Record(value);
  }
  Histogram merged;
  for (const Histogram& part : eight) {
    v1::SparseHistogram wire;
    part.ToProto(&wire);
    ASSERT_TRUE(merged.MergeProto(wire).ok());
  }
  v1::SparseHistogram a, b;
  one.ToProto(&a);
  merged.ToProto(&b);
  EXPECT_EQ(a.SerializeAsString(), b.SerializeAsString());
}

TEST(Histogram, BeyondOneHourTheLastBucketCountsAndTheMaximumStaysExact) {
  Histogram histogram;
  histogram.Record(2 * Histogram::kMaxMicros);
  EXPECT_EQ(histogram.TotalCount(), 1u);
  EXPECT_EQ(histogram.max_us(), 2 * Histogram::kMaxMicros);
}

TEST(Histogram, ClearEmptiesIt) {
  Histogram histogram;
  histogram.Record(42);
  histogram.Clear();
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.TotalCount(), 0u);
  v1::SparseHistogram wire;
  histogram.ToProto(&wire);
  EXPECT_EQ(wire.ByteSizeLong(), 0u);
}

TEST(Histogram, AHostileMessageIsRefusedAndNothingMerged) {
  Histogram histogram;
  v1::SparseHistogram wire;
  wire.add_index_gap(5);
  EXPECT_EQ(histogram.MergeProto(wire).message(), "a histogram with 1 indices and 0 counts");
  wire.add_count(1);
  wire.set_min_us(9);
  EXPECT_EQ(histogram.MergeProto(wire).message(), "a histogram whose minimum is above its maximum");
  wire.set_max_us(9);
  wire.add_index_gap(4'000'000'000);
  wire.add_count(1);
  EXPECT_EQ(histogram.MergeProto(wire).message(), "a histogram with bucket 4000000004 of 23552");
  wire.set_index_gap(1, 0);
  EXPECT_EQ(histogram.MergeProto(wire).message(),
            "a histogram with an empty bucket or an index twice");
  EXPECT_TRUE(histogram.empty());
}

TEST(ToMicros, RoundsToTheNearestSoThatMeansCarryNoBias) {
  EXPECT_EQ(ToMicros(-5), 0u);
  EXPECT_EQ(ToMicros(499), 0u);
  EXPECT_EQ(ToMicros(500), 1u);
  EXPECT_EQ(ToMicros(1'499), 1u);
}

}  // namespace
}  // namespace loadfleet
