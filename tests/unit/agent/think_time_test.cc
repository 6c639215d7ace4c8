#include "agent/scenario/think_time.h"

#include <set>

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(ThinkTimes, HaveTheMeansThatTheyAreAskedFor) {
  const auto mean = [](const v1::Think& think) {
    const ThinkTime time(think);
    const IterationRandom random(1, 0, 5, 6);
    uint32_t n = 0;
    double sum = 0;
    for (int i = 0; i < 20'000; ++i) {
      const Nanos next = time.Next([&] { return random.At(3, n++); });
      EXPECT_GE(next, 0);
      sum += static_cast<double>(next);
    }
    return sum / 20'000 / kMillisecond;
  };
  v1::Think think;
  think.set_distribution(v1::Think::DISTRIBUTION_UNIFORM);
  think.set_min_ns(100 * kMillisecond);
  think.set_max_ns(300 * kMillisecond);
  EXPECT_NEAR(mean(think), 200, 2);
  think.set_distribution(v1::Think::DISTRIBUTION_NORMAL);
  think.set_mean_ns(100 * kMillisecond);
  think.set_sd_ns(20 * kMillisecond);
  EXPECT_NEAR(mean(think), 100, 1);
  think.set_distribution(v1::Think::DISTRIBUTION_EXPONENTIAL);
  EXPECT_NEAR(mean(think), 100, 3);
}

TEST(IterationRandom, IsAnotherForEverySeedScenarioIterationAndStep) {
  std::set<uint64_t> drawn;
  size_t count = 0;
  for (uint64_t seed : {0, 1}) {
    for (uint32_t scenario : {0, 1}) {
      for (uint64_t first : {0, 1, 2}) {
        for (uint64_t second : {0, 1, 2}) {
          for (uint32_t step : {0, 1}) {
            for (uint32_t n : {0, 1}) {
              drawn.insert(IterationRandom(seed, scenario, first, second).At(step, n));
              ++count;
            }
          }
        }
      }
    }
  }
  EXPECT_EQ(drawn.size(), count);
}

}  // namespace
}  // namespace loadfleet
