#include "tests/support/process.h"

#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadfleet {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(30);

Command Shell(std::string script) {
  return {{"/bin/sh", "-c", std::move(script)}, {}};
}

TEST(Process, GivesTheExitCodeAndBothOutputsApart) {
  const Completed done = RunToEnd(Shell("echo to out; echo to err >&2; exit 7"), kLimit);
  EXPECT_EQ(done.exit_code, 7);
  EXPECT_EQ(done.out, "to out\n");
  EXPECT_EQ(done.err, "to err\n");
}

TEST(Process, GivesAllOfAnOutputThatIsLargerThanAPipe) {
  const Completed done = RunToEnd(Shell("head -c 1000000 /dev/zero | tr '\\0' x"), kLimit);
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.out.size(), 1'000'000u);
}

TEST(Process, CountsASignalAsAShellDoes) {
  Process process(Shell("echo ready; exec sleep 1000"));
  ASSERT_EQ(process.WaitForLine("ready", kLimit), "");
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(kLimit), 128 + SIGTERM);
  process.Signal(SIGTERM);  // it has ended: nothing happens
}

TEST(Process, HasNoExitCodeWhileItRuns) {
  Process process(Shell("exec sleep 1000"));
  EXPECT_EQ(process.Wait(absl::ZeroDuration()), std::nullopt);
}

TEST(Process, GivesTheRestOfALineAsSoonAsItIsWhole) {
  Process process(Shell("printf 'the port is 7'; printf '070\\n'; exec sleep 1000"));
  EXPECT_EQ(process.WaitForLine("port is ", kLimit), "7070");
}

TEST(Process, WaitsInVainForWhatAnEndedProcessNeverSaid) {
  Process process(Shell("echo this >&2; printf unfinished"));
  EXPECT_EQ(process.WaitForLine("that", kLimit), std::nullopt);
  EXPECT_EQ(process.WaitForLine("unfinished", kLimit), std::nullopt);
  EXPECT_EQ(process.WaitForLine("this", kLimit), "");
}

TEST(Process, AddsToTheEnvironment) {
  const Completed done =
      RunToEnd({{"/bin/sh", "-c", "echo $WORD; echo $PATH"}, {{"WORD", "hello"}}}, kLimit);
  EXPECT_THAT(done.out, testing::StartsWith("hello\n/"));
}

TEST(Process, EndsWith127WhenTheProgramIsMissing) {
  EXPECT_EQ(RunToEnd({{"/nonexistent"}, {}}, kLimit).exit_code, 127);
}

}  // namespace
}  // namespace loadfleet
