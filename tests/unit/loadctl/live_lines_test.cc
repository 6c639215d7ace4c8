#include "loadctl/terminal/live_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadctl/terminal/columns.h"
#include "tests/unit/loadctl/sample_snapshot.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST(LiveLines, ShowProgressRateTimesErrorsAndAgents) {
  EXPECT_THAT(
      LiveLines(SampleSnapshot(), 120),
      ElementsAre("r-0001  quickstart  [==============>               ]  15.0s / 30.0s  running",
                  "  rate      planned 5,000/s  achieved 4,998/s",
                  "  response  p50 310us  p99 1.20ms   last second p50 300us  p99 >= 2.00s",
                  "  requests  completed 74,990  errors 7  dropped 3  in flight 12",
                  "  agents    2 of 3 up"));
}

TEST(LiveLines, AClosedModelHasNoPlannedRate) {
  v1::RunSnapshot snapshot = SampleSnapshot();
  snapshot.set_planned_rate(0);
  EXPECT_EQ(LiveLines(snapshot, 120)[1], "  rate      achieved 4,998/s");
}

TEST(LiveLines, OpenAndClosedScenariosAreToldApart) {
  v1::RunSnapshot snapshot = SampleSnapshot();
  snapshot.set_planned_achieved_rate(4'000);
  EXPECT_EQ(LiveLines(snapshot, 120)[1],
            "  rate      planned 5,000/s  achieved 4,000/s  closed model 998.0/s");
}

TEST(LiveLines, FailingThresholdsAreNamed) {
  v1::RunSnapshot snapshot = SampleSnapshot();
  v1::ThresholdResult* result = snapshot.add_thresholds();
  result->set_metric("response_time");
  result->set_expr("p(99) < 1ms");
  result->set_ok(true);
  EXPECT_EQ(LiveLines(snapshot, 120).back(), "  threshold 1 hold");
  EXPECT_THAT(LogLine(snapshot), HasSubstr("  thresholds 1 hold"));
  result->set_ok(false);
  result->set_value(1.2);
  result->set_unit("ms");
  EXPECT_EQ(LiveLines(snapshot, 120)[5], "  threshold 1 of 1 fail");
  EXPECT_EQ(LiveLines(snapshot, 120)[6], "  FAILED    response_time p(99) < 1ms: 1.2ms");
  EXPECT_THAT(LogLine(snapshot), HasSubstr("  thresholds 1 of 1 fail"));
  for (int i = 0; i < 9; ++i) *snapshot.add_thresholds() = *result;
  EXPECT_THAT(LiveLines(snapshot, 120), SizeIs(9)) << "three of them";
}

TEST(LiveLines, AFrozenTargetIsSeenWhileItFreezes) {
  v1::RunSnapshot snapshot = SampleSnapshot();
  snapshot.set_oldest_age_us(2'500'000);
  EXPECT_THAT(LiveLines(snapshot, 120)[3], HasSubstr("in flight 12, the oldest for 2.50s"));
}

TEST(LiveLines, NeverWrapNorControlTheTerminal) {
  v1::RunSnapshot snapshot = SampleSnapshot();
  snapshot.set_name("\x1b[2J" + std::string(200, 'x'));
  snapshot.add_notes(std::string(200, 'y') + "\n\x1b[31m");
  for (const std::string& line : LiveLines(snapshot, 40)) {
    EXPECT_LE(ColumnsOf(line), 40u) << line;
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
    EXPECT_THAT(line, Not(HasSubstr("\n")));
  }
}

TEST(LiveLines, NotesAreFewEnoughForASmallScreen) {
  v1::RunSnapshot snapshot = SampleSnapshot();
  for (int i = 0; i < 10; ++i) snapshot.add_notes("agent a3 is suspect");
  EXPECT_THAT(LiveLines(snapshot, 120), SizeIs(8));
}

TEST(LiveLines, BeforeTheFirstResponseThereAreNoTimes) {
  v1::RunSnapshot snapshot;
  snapshot.set_state(v1::RUN_STATE_PREPARING);
  EXPECT_EQ(LiveLines(snapshot, 120)[2], "  response  p50 -  p99 -");
}

TEST(LogLine, HasTheSameOnOneLine) {
  EXPECT_EQ(LogLine(SampleSnapshot()),
            "r-0001 running 15.0s / 30.0s  planned 5,000/s  achieved 4,998/s  p50 310us  p99 "
            "1.20ms  errors 7  dropped 3  in flight 12  agents 2 of 3 up");
}

TEST(ProgressBar, GoesFromEmptyToFull) {
  EXPECT_EQ(ProgressBar(-1, 12), "[          ]");
  EXPECT_EQ(ProgressBar(0, 12), "[          ]");
  EXPECT_EQ(ProgressBar(0.1, 12), "[>         ]");
  EXPECT_EQ(ProgressBar(0.5, 12), "[====>     ]");
  EXPECT_EQ(ProgressBar(0.99, 12), "[========> ]");
  EXPECT_EQ(ProgressBar(1, 12), "[==========]");
  EXPECT_EQ(ProgressBar(7, 12), "[==========]");
}

TEST(Columns, CutsBetweenCharacters) {
  EXPECT_EQ(ColumnsOf("a\xC3\xA4z"), 3u);
  EXPECT_EQ(CutToColumns("a\xC3\xA4z", 2), "a\xC3\xA4");
  EXPECT_EQ(CutToColumns("abc", 10), "abc");
  EXPECT_EQ(CutToColumns("abc", 0), "");
}

}  // namespace
}  // namespace loadfleet
