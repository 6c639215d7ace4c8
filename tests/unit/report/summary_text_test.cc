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
  because failed_requests: 2 of 9
  note: one arrival was dropped

rate            planned 5.00/s   achieved 4.00/s (80.00%)   in 2.0s
requests        intended 10  started 9  completed 8  failed 2  dropped 1
outcomes        ok 7  bad_status 1  total_timeout 1
status          200: 7  503: 1
bytes           sent 700 B (350 B/s)   received 6.84 KiB (3.42 KiB/s)

                       p50       p90       p95       p99     p99.9       max
response time       1.50ms  >= 2.00s  >= 2.50s  >= 2.50s  >= 2.50s  >= 2.50s
service time          80us    40.0ms    40.0ms    40.0ms    40.0ms    40.0ms
queue wait            15us      15us      15us      15us      15us      15us
lateness               5us       5us       5us       5us       5us       5us

request                      completed    failed       p50       p99       max
default/read                         4         0     100us     100us     100us
default/write                        4         2    1.50ms  >= 2.50s  >= 2.50s

agent           state        completed    failed   dropped     CPU    late p99
a1              done                 4         0         0    1.2s         5us
a2              done                 4         2         1    1.2s         5us
sum                                  8         2         1  = total, reconciled
)");
}

TEST(SummaryText, HasALineForEachKindOfFailure) {
  v1::Report report = SampleReport();
  AddFailures(&report);
  EXPECT_THAT(Text(report), HasSubstr(R"(
failures
  bad_status 503 on write: HTTP/1.1 503 ... {"error": [31m"full"}
  total_timeout on write: no response after 2.00s
  check json $.id on read: expected 1, got "2"
  (5 are whole in the JSON summary)
)"));
}

TEST(SummaryText, HasTheSlowestTracesOfTheRun) {
  v1::Report report = SampleReport();
  AddTraces(&report);
  EXPECT_THAT(Text(report), HasSubstr(R"(
slowest traced      trace id                            response  outcome
write               ababababababababababababababab01       2.00s  total_timeout
read                ababababababababababababababab04      90.0ms  ok
read                ababababababababababababababab02      40.0ms  bad_status
write               ababababababababababababababab03      1.50ms  ok
and 2 more (in the JSON summary)
)"));
}

TEST(SummaryText, HasATableOfStages) {
  v1::Report report = SampleReport();
  AddStages(&report);
  EXPECT_THAT(Text(report), HasSubstr(R"(
stage                        for  planned/s achieved/s  failed      p50      p99
default/warmup*             0.5s       10.0       8.00       0    100us    100us
default/stage 2             1.5s          -       2.67       2   1.50ms >= 2.50s
* not measured: in the counts, but in none of the run's percentiles
)"));
}

TEST(SummaryText, HasATableOfThresholdsWithThoseThatFailedFirst) {
  v1::Report report = SampleReport();
  AddThresholds(&report);
  EXPECT_THAT(Text(report), HasSubstr(R"(
threshold                           must be                          was
response_time{request=write}        p(99) < 250ms              >= 2500ms  FAILED
tls_time                            max < 1s                     no data  FAILED
dropped                             count < 2                          1  ok
)"));
}

TEST(SummaryText, SaysWhatConnectionsTookWhereAnyWereOpened) {
  v1::Report report = SampleReport();
  EXPECT_THAT(Text(report), Not(HasSubstr("first byte")));
  AddConnections(&report);
  EXPECT_THAT(Text(report), HasSubstr("dropped 1  resent 3  redirects 2\n"));
  EXPECT_THAT(Text(report), HasSubstr(R"(
connect               60us      90us      90us      90us      90us      90us
TLS handshake       1.20ms    1.20ms    1.20ms    1.20ms    1.20ms    1.20ms
first byte            60us      60us      60us      60us      60us      60us
body                  20us      20us      20us      20us      20us      20us
)"));
}

TEST(SummaryText, TellsOpenAndClosedScenariosApart) {
  v1::Report report = SampleReport();
  report.set_planned_achieved_rate(3);
  EXPECT_THAT(Text(report), HasSubstr("planned 5.00/s   achieved 3.00/s (60.00%)   "
                                      "closed model 1.00/s   in 2.0s"));
}

TEST(SummaryText, FlowsOfManyStepsHaveTheirIterationsAndGroups) {
  const std::string text = Text(FlowsReport());
  EXPECT_THAT(text, Not(HasSubstr("requests        intended")));
  EXPECT_THAT(text, HasSubstr("\niterations      intended 5  started 4  completed 2  failed 1  "
                              "dropped 1  interrupted 1\n"));
  EXPECT_THAT(text, HasSubstr("\niteration           30.0ms"));
  EXPECT_THAT(text, HasSubstr("\nchecks          passed 3  failed 1  (75.00%)\n"
                              "failed checks   write 1\n"));
  EXPECT_THAT(text, HasSubstr("\ndefault/pay                          3         0    20.0ms"));
  EXPECT_THAT(Text(SampleReport()), Not(HasSubstr("iteration")));
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
  EXPECT_THAT(Text(report), HasSubstr("and 8 more (in the JSON summary)"));
}

TEST(SummaryText, ARunWithoutResponsesHasNoTimes) {
  v1::Report report;
  report.set_verdict(v1::VERDICT_ABORTED);
  EXPECT_THAT(Text(report), HasSubstr("ABORTED"));
  EXPECT_THAT(Text(report), HasSubstr("lateness                 -         -"));
}

TEST(SummaryText, HasALineForEachEpochBeyondTheFirst) {
  v1::Report report = LostAgentReport();
  const std::string text = *SummaryText(report, {});
  EXPECT_THAT(text, HasSubstr("dropped 1  unknown 3\n"));
  EXPECT_THAT(text, HasSubstr("\nepoch 2 from 1.5s: a2 is gone; a1 100%\n"));
  EXPECT_THAT(text, Not(HasSubstr("epoch 1")));
  EXPECT_THAT(*SummaryText(SampleReport(), {}), Not(HasSubstr("epoch")));
  for (int i = 0; i < 50; ++i) {
    v1::EpochShare& share = *report.mutable_epochs(1)->add_shares();
    share.set_agent_id("agent-" + std::to_string(i));
  }
  EXPECT_THAT(*SummaryText(report, {}), HasSubstr(" more\n"));
}

}  // namespace
}  // namespace loadfleet
