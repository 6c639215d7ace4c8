#include "common/report/summary_text.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/report/sample_report.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Text(const v1::Report& report, bool color = false) {
  absl::StatusOr<std::string> text = SummaryText(report, TextStyle{color});
  EXPECT_TRUE(text.ok()) << text.status();
  return *text;
}

TEST(SummaryText, IsOneScreenWithTheVerdictFirst) {
  EXPECT_EQ(Text(SampleReport()),
            R"(FAILED  quick[31mstart  (r-0001)
)");
}

TEST(SummaryText, NoLineIsWiderThanATerminal) {
  v1::Report report = SampleReport();
  report.mutable_agents(0)->set_agent_id(std::string(100, 'x'));
  report.mutable_requests(0)->set_request(std::string(100, 'y'));
  std::istringstream lines(Text(report));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST(SummaryText, ColoursOnlyWhenAsked) {
  EXPECT_THAT(Text(SampleReport(), true), HasSubstr("\x1b[1;31mFAILED\x1b[0m"));
  EXPECT_THAT(Text(SampleReport(), false), Not(HasSubstr("\x1b")));
}

TEST(SummaryText, AClosedModelHasNoPlannedRate) {
  v1::Report report = SampleReport();
  report.set_planned_rate(0);
  EXPECT_THAT(Text(report), HasSubstr("closed model: no planned rate"));
}

TEST(SummaryText, AgentsThatDoNotAddUpAreSaidNotTo) {
  v1::Report report = SampleReport();
  report.mutable_agents()->RemoveLast();
  EXPECT_THAT(Text(report), HasSubstr("differs from the total"));
  report = SampleReport();
  report.set_reconciled(false);
  EXPECT_THAT(Text(report), HasSubstr("= total, not all summaries matched"));
}

TEST(SummaryText, ManyAgentsAreCountedNotListed) {
  v1::Report report = SampleReport();
  for (int i = 0; i < 10; ++i) *report.add_agents() = report.agents(0);
  EXPECT_THAT(Text(report), HasSubstr("and 8 more (--format json)"));
}

TEST(SummaryText, ARunWithoutResponsesHasNoTimes) {
  v1::Report report;
  report.set_verdict(v1::VERDICT_ABORTED);
  EXPECT_THAT(Text(report), HasSubstr("ABORTED"));
  EXPECT_THAT(Text(report), HasSubstr("lateness                 -         -"));
}

}  // namespace
}  // namespace loadfleet
