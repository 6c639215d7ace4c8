#include "common/stages.h"

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(Stages, EachBeginsWhereTheOneBeforeEnds) {
  v1::Scenario scenario;
  v1::RampingVus& load = *scenario.mutable_ramping_vus();
  v1::VuStage& warmup = *load.add_stages();
  warmup.set_name("warmup");
  warmup.set_duration_ns(3 * kSecond);
  warmup.set_unmeasured(true);
  load.add_stages()->set_duration_ns(0);
  load.add_stages()->set_duration_ns(5 * kSecond);

  const std::vector<Stage> stages = StagesOf(scenario);
  ASSERT_EQ(stages.size(), 3u);
  EXPECT_EQ(stages[0].name, "warmup");
  EXPECT_EQ(stages[0].begin, 0);
  EXPECT_EQ(stages[0].end, 3 * kSecond);
  EXPECT_FALSE(stages[0].measured);
  EXPECT_EQ(stages[1].begin, 3 * kSecond);
  EXPECT_EQ(stages[1].end, 3 * kSecond) << "a jump";
  EXPECT_EQ(stages[2].end, 8 * kSecond);
  EXPECT_TRUE(stages[2].measured);
}

TEST(Stages, FromNoughtToNoughtAreIdle) {
  v1::Scenario scenario;
  v1::RampingArrivalRate& load = *scenario.mutable_ramping_arrival_rate();
  load.mutable_start_rate()->set_count(5);
  for (const uint64_t target : {0, 0, 5}) load.add_stages()->mutable_target()->set_count(target);
  const std::vector<Stage> stages = StagesOf(scenario);
  EXPECT_FALSE(stages[0].idle) << "it comes down";
  EXPECT_TRUE(stages[1].idle);
  EXPECT_FALSE(stages[2].idle) << "it goes up";
}

TEST(Stages, OnlyRampsHaveThem) {
  v1::Scenario scenario;
  scenario.mutable_constant_vus()->set_duration_ns(kSecond);
  EXPECT_TRUE(StagesOf(scenario).empty());
}

}  // namespace
}  // namespace loadfleet
