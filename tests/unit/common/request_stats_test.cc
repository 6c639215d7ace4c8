#include "common/stats/request_stats.h"

#include <set>

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

RequestStats Sample() {
  RequestStats stats;
  stats.started = 3;
  stats.outcomes[static_cast<size_t>(Outcome::kOk)] = 1;
  stats.outcomes[static_cast<size_t>(Outcome::kBadStatus)] = 1;
  stats.outcomes[static_cast<size_t>(Outcome::kTotalTimeout)] = 1;
  stats.statuses.Add(200, 1);
  stats.statuses.Add(503, 1);
  stats.redirects = 2;
  stats.bytes_sent = 300;
  stats.bytes_received = 1'000;
  stats.response_time.Record(120);
  stats.response_time.Record(180);
  stats.response_time_censored.Record(10'000);
  stats.lateness.RecordMany(1, 3);
  return stats;
}

TEST(RequestStats, RoundTripAndMergeAreAdditions) {
  v1::RequestStats wire;
  Sample().ToProto(&wire);
  RequestStats twice;
  ASSERT_TRUE(twice.MergeProto(wire).ok());
  twice.Merge(Sample());
  EXPECT_EQ(twice.started, 6u);
  EXPECT_EQ(twice.Completed(), 4u);
  EXPECT_EQ(twice.Failed(), 4u);
  EXPECT_EQ(twice.redirects, 4u);
  EXPECT_EQ(twice.statuses.counts(),
            (std::vector<std::pair<uint16_t, uint64_t>>{{200, 2}, {503, 2}}));
  EXPECT_EQ(twice.response_time.TotalCount(), 4u);
  EXPECT_EQ(twice.response_time_censored.TotalCount(), 2u);
  EXPECT_EQ(twice.lateness.TotalCount(), 6u);
}

TEST(RequestStats, ImpossibleOutcomesAndStatusesAreRefused) {
  v1::RequestStats wire;
  wire.add_outcomes()->set_count(1);
  EXPECT_EQ(RequestStats().MergeProto(wire).message(), "unknown outcome 0");
  wire.Clear();
  wire.add_statuses()->set_status(70'000);
  EXPECT_EQ(RequestStats().MergeProto(wire).message(), "impossible HTTP status 70000");
}

TEST(RequestStats, ClearedIsEmpty) {
  RequestStats stats = Sample();
  EXPECT_FALSE(stats.empty());
  stats.Clear();
  EXPECT_TRUE(stats.empty());
}

TEST(Outcome, EveryOneHasANameOfItsOwnAndAClass) {
  std::set<std::string_view> names;
  for (Outcome outcome : AllOutcomes()) names.insert(OutcomeName(outcome));
  EXPECT_EQ(names.size(), AllOutcomes().size());
  EXPECT_EQ(names.count("unknown"), 0u);
  EXPECT_EQ(AllOutcomes().size(), static_cast<size_t>(v1::Outcome_descriptor()->value_count() - 1));
  EXPECT_EQ(ClassOf(Outcome::kOk), OutcomeClass::kOk);
  EXPECT_EQ(ClassOf(Outcome::kH2Protocol), OutcomeClass::kTarget);
  EXPECT_EQ(ClassOf(Outcome::kInterrupted), OutcomeClass::kGenerator);
  EXPECT_EQ(ClassOf(Outcome::kBlockedTarget), OutcomeClass::kPolicy);
}

}  // namespace
}  // namespace loadfleet
