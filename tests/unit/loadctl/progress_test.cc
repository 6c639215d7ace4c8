#include "loadctl/terminal/progress.h"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/unit/loadctl/sample_snapshot.h"

namespace loadfleet {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kEraseFiveLines[] = "\x1b[5A\r\x1b[J";

int LinesOf(const std::ostringstream& out) {
  const std::string text = out.str();
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

class RedrawnProgressTest : public testing::Test {
 protected:
  std::string NewOutput() {
    const std::string text = terminal_.str();
    terminal_.str("");
    return text;
  }

  std::ostringstream terminal_;
  const std::unique_ptr<Progress> progress_ = RedrawnProgress(terminal_, [] { return 100u; });
};

TEST_F(RedrawnProgressTest, DrawsEachSnapshotOverTheLastOne) {
  progress_->Show(SampleSnapshot());
  EXPECT_THAT(NewOutput(), StartsWith("r-0001"));
  progress_->Show(SampleSnapshot());
  EXPECT_THAT(NewOutput(), StartsWith(std::string(kEraseFiveLines) + "r-0001"));
}

TEST_F(RedrawnProgressTest, ASentenceStaysAboveTheBlock) {
  progress_->Show(SampleSnapshot());
  NewOutput();
  progress_->Say("Stopping.");
  EXPECT_THAT(NewOutput(), StartsWith(std::string(kEraseFiveLines) + "Stopping.\nr-0001"));
}

TEST_F(RedrawnProgressTest, LeavesNothingBehind) {
  progress_->Show(SampleSnapshot());
  NewOutput();
  progress_->Close();
  EXPECT_EQ(NewOutput(), kEraseFiveLines);
}

TEST(LineProgress, PrintsALineEveryFiveSecondsAndAtEachChangeOfState) {
  std::ostringstream out;
  ManualClock clock;
  const std::unique_ptr<Progress> progress = LineProgress(out, clock);
  v1::RunSnapshot snapshot = SampleSnapshot();
  for (int second = 0; second <= 10; ++second) {
    progress->Show(snapshot);
    clock.Advance(kSecond);
  }
  EXPECT_EQ(LinesOf(out), 3);
  snapshot.set_state(v1::RUN_STATE_FINISHING);
  progress->Show(snapshot);
  EXPECT_EQ(LinesOf(out), 4);
  EXPECT_THAT(out.str(), HasSubstr("r-0001 finishing"));
}

TEST(JsonProgress, KeepsStandardOutputForObjects) {
  std::ostringstream out;
  std::ostringstream messages;
  const std::unique_ptr<Progress> progress = JsonProgress(out, messages);
  progress->Show(SampleSnapshot());
  progress->Say("Stopping.");
  EXPECT_THAT(out.str(), StartsWith("{\"run\":\"r-0001\""));
  EXPECT_THAT(out.str(), EndsWith("}\n"));
  EXPECT_EQ(messages.str(), "Stopping.\n");
}

TEST(QuietProgress, SaysSentencesOnly) {
  std::ostringstream messages;
  const std::unique_ptr<Progress> progress = QuietProgress(messages);
  progress->Show(SampleSnapshot());
  progress->Say("Stopping.");
  EXPECT_EQ(messages.str(), "Stopping.\n");
}

}  // namespace
}  // namespace loadfleet
