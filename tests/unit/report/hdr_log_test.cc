// What HdrHistogram's own tools read: the log was checked with its JavaScript port, from which the
// encoded text below comes.
#include "common/report/hdr_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "tests/unit/report/sample_report.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> LinesOf(const absl::StatusOr<std::string>& text) {
  EXPECT_TRUE(text.ok()) << text.status();
  return absl::StrSplit(*text, '\n', absl::SkipEmpty());
}

TEST(HdrLog, HasALineForEachHistogram) {
  const std::vector<std::string> lines = LinesOf(HdrLog(SampleReport()));
  EXPECT_EQ(lines[1], "#[Histogram log format version 1.3]");
  EXPECT_THAT(lines[4], StartsWith("Tag=response_time,0.000,2.000,40.000,HISTF"));
  EXPECT_THAT(lines[5], StartsWith("Tag=response_time_at_least,0.000,2.000,2500.000,HISTF"));
  EXPECT_THAT(lines[9], StartsWith("Tag=default/read,0.000,2.000,0.100,HISTF"));
}

TEST(HdrLog, NamesCannotEndALineOrAField) {
  v1::Report report = SampleReport();
  report.mutable_requests(0)->set_request("a,b\nTag=x \"c\"");
  EXPECT_THAT(*HdrLog(report), HasSubstr("Tag=default/a_bTag=x__c_,0.000,"));
}

TEST(HdrPercentiles, AreThoseOfTheReportAndSayWhereTheyAreBounds) {
  const std::string text = *HdrPercentiles(SampleReport());
  EXPECT_THAT(text, HasSubstr("\n       0.100 0.000000000000          1           1.00\n"));
  EXPECT_THAT(text, HasSubstr("\n    2500.000 1.000000000000         10\n"));
  EXPECT_THAT(text, HasSubstr("#[From 0.800000 on values are only known to be at least this]\n"));
  EXPECT_THAT(text, HasSubstr("Total count    =           10]\n"));
}

TEST(HdrPercentiles, OfNothingAreNone) {
  const std::vector<std::string> lines = LinesOf(HdrPercentiles(v1::Report()));
  EXPECT_EQ(lines.size(), 4u);
}

}  // namespace
}  // namespace loadfleet
