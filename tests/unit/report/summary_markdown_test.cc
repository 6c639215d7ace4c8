#include "common/report/summary_markdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/report/sample_report.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Markdown(const v1::Report& report) {
  absl::StatusOr<std::string> text = SummaryMarkdown(report);
  EXPECT_TRUE(text.ok()) << text.status();
  return *text;
}

TEST(SummaryMarkdown, HasTheVerdictFirstAndThenTables) {
  v1::Report report = SampleReport();
  AddThresholds(&report);
  AddStages(&report);
  const std::string text = Markdown(report);
  EXPECT_EQ(text.find("## FAILED: quick"), 0u);
  EXPECT_THAT(text, HasSubstr("- because failed\\_requests: 2 of 9\n"));
  EXPECT_THAT(text, HasSubstr("- rate: planned 5.00/s, achieved 4.00/s\n"));
  EXPECT_THAT(text,
              HasSubstr("- requests in 2.0s: intended 10, completed 8, failed 2, dropped 1\n"));
  EXPECT_THAT(text, HasSubstr(R"(
| threshold | must be | was |  |
|---|---:|---:|---:|
| dropped | count \< 2 | 1 | ok |
| response\_time\{request=write\} | p\(99\) \< 250ms | \>= 2500ms | **failed** |
| tls\_time | max \< 1s | no data | **failed** |
)"));
  EXPECT_THAT(text, HasSubstr(R"(
|  | p50 | p90 | p95 | p99 | p99.9 | max |
|---|---:|---:|---:|---:|---:|---:|
| response time | 1.50ms | \>= 2.00s | \>= 2.50s | \>= 2.50s | \>= 2.50s | \>= 2.50s |
)"));
  EXPECT_THAT(text,
              HasSubstr("| default/warmup \\(not measured\\) | 4 | 0 | 100us | 100us | 100us |\n"
                        "| default/stage 2 | 4 | 2 | 1.50ms | \\>= 2.50s | \\>= 2.50s |\n"));
  EXPECT_THAT(text, HasSubstr("| default/read | 4 | 0 | 100us | 100us | 100us |\n"));
}

TEST(SummaryMarkdown, NamesCannotBreakOut) {
  v1::Report report = SampleReport();
  report.mutable_requests(0)->set_request("a|b`<img>[x](y)\n## z");
  const std::string text = Markdown(report);
  EXPECT_THAT(text, HasSubstr("| default/a\\|b\\`\\<img\\>\\[x\\]\\(y\\)\\#\\# z |"));
  EXPECT_THAT(text, Not(HasSubstr("<img>")));
}

TEST(SummaryMarkdown, AClosedModelHasNoPlannedRate) {
  v1::Report report = SampleReport();
  report.set_planned_rate(0);
  EXPECT_THAT(Markdown(report), Not(HasSubstr("planned")));
  EXPECT_THAT(Markdown(report), HasSubstr("- rate of the closed model: 4.00/s\n"));
}

TEST(SummaryMarkdown, ADamagedReportIsRefused) {
  v1::Report report = SampleReport();
  report.mutable_total()->mutable_requests()->mutable_lateness()->add_index_gap(0);
  EXPECT_EQ(SummaryMarkdown(report).status().code(), absl::StatusCode::kDataLoss);
}

TEST(SummaryMarkdown, HasARowForEachKindOfFailure) {
  v1::Report report = SampleReport();
  AddFailures(&report);
  EXPECT_THAT(Markdown(report),
              HasSubstr("\n| total\\_timeout | write | a2 | no response after 2.00s |\n"));
}

TEST(SummaryMarkdown, HasTheSlowestTracesOfTheRun) {
  v1::Report report = SampleReport();
  EXPECT_THAT(Markdown(report), Not(HasSubstr("trace id")));
  AddTraces(&report);
  EXPECT_THAT(Markdown(report), HasSubstr(R"(
| slowest traced | trace id | agent | at | response time | outcome |
|---|---:|---:|---:|---:|---:|
| write | ababababababababababababababab01 | a1 | 3s | 2.00s | total\_timeout |
)"));
}

}  // namespace
}  // namespace loadfleet
