#include "target/counters.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace loadfleet::target {
namespace {

std::vector<uint64_t> PerSecond(const LoopCounters& counters, int64_t from, int64_t now) {
  TargetCounters sum;
  sum.first_second = from;
  sum.per_second.resize(now - from + 1);
  counters.AddTo(&sum, now);
  return sum.per_second;
}

TEST(TargetCounters, SumOverLoops) {
  const auto first = std::make_unique<LoopCounters>();
  const auto second = std::make_unique<LoopCounters>();
  first->CountRequest(Route::kPing, 0);
  first->CountStatus(Route::kPing, 200);
  second->CountRequest(Route::kPing, 0);
  second->CountStatus(Route::kPing, 200);
  second->CountRequest(Route::kStatus, 1);
  second->CountStatus(Route::kStatus, 503);

  TargetCounters sum;
  sum.per_second.resize(2);
  first->AddTo(&sum, 1);
  second->AddTo(&sum, 1);
  EXPECT_EQ(sum.requests, 3);
  EXPECT_EQ(sum.by_route.at("ping"), 2);
  EXPECT_EQ(sum.by_route.at("status"), 1);
  EXPECT_EQ(sum.by_status.at(200), 2);
  EXPECT_EQ(sum.by_status.at(503), 1);
  EXPECT_EQ(sum.per_second, (std::vector<uint64_t>{2, 1}));
}

TEST(TargetCounters, LeaveOutTheQuestionForThem) {
  const auto counters = std::make_unique<LoopCounters>();
  counters->CountRequest(Route::kStats, 0);
  counters->CountStatus(Route::kStats, 200);
  TargetCounters sum;
  sum.per_second.resize(1);
  counters->AddTo(&sum, 0);
  EXPECT_EQ(sum.requests, 0);
  EXPECT_TRUE(sum.by_status.empty());
  EXPECT_EQ(sum.per_second[0], 0);
}

TEST(TargetCounters, AnHourLaterASecondStartsFromNothing) {
  const auto counters = std::make_unique<LoopCounters>();
  constexpr int64_t kHour = limits::kTargetSeconds;
  for (int i = 0; i < 3; ++i) counters->CountRequest(Route::kPing, 5);
  EXPECT_EQ(PerSecond(*counters, 0, 6), (std::vector<uint64_t>{0, 0, 0, 0, 0, 3, 0}));
  EXPECT_EQ(PerSecond(*counters, kHour + 4, kHour + 6), (std::vector<uint64_t>{0, 0, 0}));
  counters->CountRequest(Route::kPing, kHour + 5);
  EXPECT_EQ(PerSecond(*counters, kHour + 4, kHour + 6), (std::vector<uint64_t>{0, 1, 0}));
}

TEST(TargetCounters, AsJsonKeepTheirNames) {
  TargetCounters counters;
  counters.requests = 3;
  counters.malformed = 1;
  counters.by_route = {{"ping", 3}};
  counters.by_status = {{200, 3}, {400, 1}};
  counters.connections_accepted = 2;
  counters.connections_open = 1;
  counters.bytes_in = 10;
  counters.bytes_out = 20;
  counters.first_second = 7;
  counters.per_second = {1, 2};
  EXPECT_EQ(ToJson(counters),
            R"({"requests":3,"malformed":1,"by_route":{"ping":3},"by_status":{"200":3,"400":1},)"
            R"("connections_accepted":2,"connections_open":1,"bytes_in":10,"bytes_out":20,)"
            R"("first_second":7,"per_second":[1,2]})");
}

}  // namespace
}  // namespace loadfleet::target
