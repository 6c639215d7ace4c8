#include "common/units.h"

#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadfleet {
namespace {

using ::testing::HasSubstr;

TEST(Duration, IsNumbersWithUnitsTheLargerFirst) {
  struct Case {
    const char* text;
    Nanos value;
  };
  const Case cases[] = {
      {"0s", 0},
      {"1ns", 1},
      {"250us", 250 * kMicrosecond},
      {"500ms", 500 * kMillisecond},
      {"1.5s", 1500 * kMillisecond},
      {"30s", 30 * kSecond},
      {"1h30m", 5400 * kSecond},
      {"1h1m1s1ms1us1ns", 3661 * kSecond + kMillisecond + kMicrosecond + 1},
      {"0.000000001s", 1},
      {"720h", 720 * 3600 * kSecond},
  };
  for (const Case& c : cases) {
    const auto parsed = ParseDuration(c.text);
    ASSERT_TRUE(parsed.ok()) << c.text << ": " << parsed.status();
    EXPECT_EQ(*parsed, c.value) << c.text;
  }
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* text : {"",
                           "5",
                           "s",
                           "-5s",
                           "+5s",
                           "5 s",
                           " 5s",
                           "5s ",
                           "5S",
                           "1e3s",
                           "nan",
                           "inf",
                           ".5s",
                           "5.s",
                           "1m1h",
                           "1s1s",
                           "5d",
                           "0x5s",
                           "0.0000000001s",
                           "9999999999999h",
                           "99999999999999999999s"}) {
    EXPECT_EQ(ParseDuration(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(Duration, IsWrittenInTheShortestFormThatReadsBack) {
  EXPECT_EQ(FormatDuration(0), "0s");
  EXPECT_EQ(FormatDuration(1), "1ns");
  EXPECT_EQ(FormatDuration(1500 * kMillisecond), "1.5s");
  EXPECT_EQ(FormatDuration(5400 * kSecond), "1h30m");
  EXPECT_EQ(FormatDuration(3600 * kSecond + kMillisecond), "1h1ms");
  EXPECT_EQ(FormatDuration(-2 * kSecond), "-2s");
  for (const Nanos value : {1LL, 999LL, 1'001LL, 123'456'789LL, 86'399'999'999'999LL,
                            std::numeric_limits<long long>::max()}) {
    EXPECT_EQ(ParseDuration(FormatDuration(value)).value_or(-1), value) << FormatDuration(value);
  }
  EXPECT_EQ(FormatDuration(std::numeric_limits<Nanos>::min()).front(), '-');
}

TEST(Size, IsBytesOrANumberWithAUnit) {
  EXPECT_EQ(ParseSize("512").value(), 512u);
  EXPECT_EQ(ParseSize("512B").value(), 512u);
  EXPECT_EQ(ParseSize("64KiB").value(), 64u << 10);
  EXPECT_EQ(ParseSize("1.5MiB").value(), 3u << 19);
  EXPECT_EQ(ParseSize("10MB").value(), 10'000'000u);
  for (const char* text : {"", "KiB", "-1", "1.5", "1e6", "64K", "64 KiB", "99999999999GiB"}) {
    EXPECT_FALSE(ParseSize(text).ok()) << text;
  }
  EXPECT_EQ(FormatSize(1 << 20), "1MiB");
  EXPECT_EQ(FormatSize(1536), "1.5KiB");
}

TEST(Rate, KeepsCountAndPeriodExactly) {
  struct Case {
    const char* text;
    uint64_t count;
    Nanos period;
  };
  const Case cases[] = {
      {"10000/s", 10'000, kSecond},   {"10000", 10'000, kSecond}, {"600/m", 600, 60 * kSecond},
      {"100/10s", 100, 10 * kSecond}, {"0.5/s", 1, 2 * kSecond},  {"2.5/s", 5, 2 * kSecond},
      {"1/h", 1, 3600 * kSecond},     {"7/ms", 7, kMillisecond},
  };
  for (const Case& c : cases) {
    const auto rate = ParseRate(c.text);
    ASSERT_TRUE(rate.ok()) << c.text << ": " << rate.status();
    EXPECT_EQ(rate->count(), c.count) << c.text;
    EXPECT_EQ(rate->period_ns(), c.period) << c.text;
  }
}

TEST(Rate, RefusesWhatIsNoneWithTheExpectedForm) {
  for (const char* text : {"", "fast", "-1/s", "1e308", "nan", "inf", "10/", "10/0s", "10 /s",
                           "10/x", "1/s/s", "99999999999999999999/s"}) {
    EXPECT_THAT(std::string(ParseRate(text).status().message()), HasSubstr("10000/s")) << text;
  }
  EXPECT_THAT(std::string(ParseRate("0/s").status().message()), HasSubstr("above 0"));
  EXPECT_FALSE(ParseRate("0.00000000001/s").ok());
}

TEST(Percent, IsAShareFromNoneToAll) {
  EXPECT_DOUBLE_EQ(ParsePercent("90%").value(), 0.9);
  EXPECT_DOUBLE_EQ(ParsePercent("0.9").value(), 0.9);
  EXPECT_DOUBLE_EQ(ParsePercent("99.9%").value(), 0.999);
  EXPECT_DOUBLE_EQ(ParsePercent("0").value(), 0);
  EXPECT_DOUBLE_EQ(ParsePercent("100%").value(), 1);
  for (const char* text : {"", "%", "90", "100.1%", "-1%", "nan", "1e-1", "90 %"}) {
    EXPECT_FALSE(ParsePercent(text).ok()) << text;
  }
}

TEST(Count, IsDecimalDigits) {
  EXPECT_EQ(ParseCount("0").value(), 0u);
  EXPECT_EQ(ParseCount("999999999999999999").value(), 999'999'999'999'999'999u);
  for (const char* text :
       {"", "-1", "+1", "1.0", "1e3", "0x10", "1_000", " 1", "many", "18446744073709551616"}) {
    EXPECT_FALSE(ParseCount(text).ok()) << text;
  }
}

}  // namespace
}  // namespace loadfleet
