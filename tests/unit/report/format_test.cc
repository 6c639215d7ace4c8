#include "common/report/format.h"

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(Format, TimesHaveTheUnitThatSuitsThem) {
  EXPECT_EQ(FormatMicros(0), "0us");
  EXPECT_EQ(FormatMicros(87), "87us");
  EXPECT_EQ(FormatMicros(999.4), "999us");
  EXPECT_EQ(FormatMicros(999.9), "1.00ms");
  EXPECT_EQ(FormatMicros(1'240), "1.24ms");
  EXPECT_EQ(FormatMicros(12'400), "12.4ms");
  EXPECT_EQ(FormatMicros(950'000), "950ms");
  EXPECT_EQ(FormatMicros(999'900), "1.00s");
  EXPECT_EQ(FormatMicros(2'300'000), "2.30s");
  EXPECT_EQ(FormatMicros(23'000'000), "23.0s");
  EXPECT_EQ(FormatMicros(3'600'000'000), "3600s");
}

TEST(Format, ALowerBoundSaysSo) {
  EXPECT_EQ(FormatQuantile(QuantileValue{1'240, true}), ">= 1.24ms");
  EXPECT_EQ(FormatQuantile(QuantileValue{1'240, false}), "1.24ms");
}

TEST(Format, CountsRatesAndBytes) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1'000), "1,000");
  EXPECT_EQ(FormatCount(12'345'678), "12,345,678");
  EXPECT_EQ(FormatRate(0), "0.0");
  EXPECT_EQ(FormatRate(0.25), "0.25");
  EXPECT_EQ(FormatRate(345.67), "345.7");
  EXPECT_EQ(FormatRate(4'999.6), "5,000");
  EXPECT_EQ(FormatBytes(512), "512 B");
  EXPECT_EQ(FormatBytes(1'536), "1.50 KiB");
  EXPECT_EQ(FormatBytes(300.0 * 1024 * 1024), "300 MiB");
}

TEST(Format, DurationsAndDates) {
  EXPECT_EQ(FormatElapsed(20 * kSecond), "20.0s");
  EXPECT_EQ(FormatElapsed(300 * kSecond), "5m00s");
  EXPECT_EQ(FormatElapsed(5'400 * kSecond), "1h30m");
  EXPECT_EQ(FormatElapsed(-1), "0.0s");
  EXPECT_EQ(FormatUtc(1'767'225'600'000), "2026-01-01T00:00:00Z");
}

TEST(Format, AShareBelowOneIsNeverShownAsAHundredPercent) {
  EXPECT_EQ(FormatPercent(1), "100%");
  EXPECT_EQ(FormatPercent(0.99999), "99.99%");
  EXPECT_EQ(FormatPercent(0.5), "50.00%");
  EXPECT_EQ(FormatPercent(1.25), "125.00%");
}

TEST(Printable, RemovesWhatCouldControlATerminalOrReorderALine) {
  EXPECT_EQ(Printable("plain \xC3\xA4 text"), "plain \xC3\xA4 text");
  EXPECT_EQ(Printable("a\x1b[2Jb\r\nc\x7f"), "a[2Jbc");
  EXPECT_EQ(Printable("a\xC2\x9B"
                      "31mb"),
            "a31mb");  // C1: the one-byte CSI
  EXPECT_EQ(Printable("a\xE2\x80\xAE"
                      "b\xE2\x81\xA6"
                      "c"),
            "abc");  // U+202E, U+2066
  EXPECT_EQ(Printable(std::string_view("a\0b", 3)), "ab");
}

TEST(Printable, BytesThatAreNotUtf8BecomeQuestionMarks) {
  EXPECT_EQ(Printable("a\xFF"), "a?");
  EXPECT_EQ(Printable("\xC3"), "?");                 // cut short
  EXPECT_EQ(Printable("\xC0\x9B"), "??");            // overlong
  EXPECT_EQ(Printable("\xED\xA0\x80"), "???");       // surrogate
  EXPECT_EQ(Printable("\xF4\x90\x80\x80"), "????");  // above U+10FFFF
}

}  // namespace
}  // namespace loadfleet
