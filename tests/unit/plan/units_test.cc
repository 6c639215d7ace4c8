#include "common/units.h"

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(ParseDuration, ReadsNumbersWithUnits) {
  EXPECT_EQ(*ParseDuration("500ms"), 500 * kMillisecond);
  EXPECT_EQ(*ParseDuration("30s"), 30 * kSecond);
  EXPECT_EQ(*ParseDuration("1.5s"), 1500 * kMillisecond);
  EXPECT_EQ(*ParseDuration("1h30m"), 5400 * kSecond);
  EXPECT_EQ(*ParseDuration("0s"), 0);
}

TEST(ParseDuration, RefusesWhatCouldMeanTwoThings) {
  for (const char* text : {"", "10", "s", "-1s", "1 s", "1s30m", "1x", "1e3s", "inf", "1..5s"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(ParseDuration, RefusesWhatTheTypeCannotHold) {
  EXPECT_FALSE(ParseDuration("99999999999h").ok());
}

TEST(ParseRate, IsExact) {
  EXPECT_EQ(ParseRate("10000/s")->count(), 10'000U);
  EXPECT_EQ(ParseRate("10000/s")->period_ns(), kSecond);
  EXPECT_EQ(ParseRate("600/m")->period_ns(), 60 * kSecond);
  EXPECT_EQ(ParseRate("5000")->period_ns(), kSecond);
  EXPECT_EQ(ParseRate("0.5/s")->count(), 1U);
  EXPECT_EQ(ParseRate("0.5/s")->period_ns(), 2 * kSecond);
}

TEST(ParseRate, RefusesZeroAndNonsense) {
  for (const char* text : {"", "0/s", "0", "fast", "10/", "/s", "10/x", "-5/s", "1e308", ".nan"}) {
    EXPECT_FALSE(ParseRate(text).ok()) << text;
  }
}

TEST(ParsePercent, ReadsBothForms) {
  EXPECT_DOUBLE_EQ(*ParsePercent("90%"), 0.9);
  EXPECT_DOUBLE_EQ(*ParsePercent("0.9"), 0.9);
  EXPECT_FALSE(ParsePercent("ninety").ok());
}

TEST(ParseSize, KnowsBinaryAndDecimalUnits) {
  EXPECT_EQ(*ParseSize("64KiB"), 65'536U);
  EXPECT_EQ(*ParseSize("10MB"), 10'000'000U);
  EXPECT_EQ(*ParseSize("512"), 512U);
  EXPECT_FALSE(ParseSize("10 pigs").ok());
}

}  // namespace
}  // namespace loadfleet
