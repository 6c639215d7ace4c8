#include "loadctl/follow/follow_run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/unit/loadctl/fake_api.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Signals that only this test gets.
class FakeSignals {
 public:
  FakeSignals() : FakeSignals(MakePipe()) {}
  ~FakeSignals() { close(write_end_); }

  void Send(int number) const {
    signalfd_siginfo signal = {};
    signal.ssi_signo = static_cast<uint32_t>(number);
    EXPECT_EQ(write(write_end_, &signal, sizeof(signal)), static_cast<ssize_t>(sizeof(signal)));
  }

  const Interrupts& interrupts() const { return interrupts_; }

 private:
  struct Pipe {
    int ends[2];
  };
  static Pipe MakePipe() {
    Pipe made = {};
    EXPECT_EQ(pipe2(made.ends, O_NONBLOCK | O_CLOEXEC), 0);
    return made;
  }
  explicit FakeSignals(Pipe made) : write_end_(made.ends[1]), interrupts_(made.ends[0]) {}

  const int write_end_;
  const Interrupts interrupts_;
};

// Somebody who watches and acts on what is shown.
class Viewer final : public Progress {
 public:
  void Show(const v1::RunSnapshot& snapshot) override {
    shown.push_back(snapshot.run_id());
    if (on_show) on_show();
  }
  void Say(const std::string& sentence) override {
    said.push_back(sentence);
    if (on_say) on_say();
  }
  void Close() override { closed = true; }

  std::vector<std::string> shown;
  std::vector<std::string> said;
  std::function<void()> on_show;
  std::function<void()> on_say;
  bool closed = false;
};

class FollowRunTest : public testing::Test {
 protected:
  absl::StatusOr<v1::Report> Follow(OnInterrupt on_interrupt) {
    return FollowRun(client_, "r-0001", on_interrupt, signals_.interrupts(), viewer_);
  }

  FakeApi api_;
  ApiClient client_{api_.Channel(), "here"};
  FakeSignals signals_;
  Viewer viewer_;
};

TEST_F(FollowRunTest, ShowsSnapshotsUntilTheReport) {
  api_.Publish(Running("r-0001"));
  viewer_.on_show = [this] { api_.Publish(Ended("r-0001", v1::VERDICT_PASSED)); };
  const absl::StatusOr<v1::Report> report = Follow(OnInterrupt::kStop);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->verdict(), v1::VERDICT_PASSED);
  EXPECT_THAT(viewer_.shown, ElementsAre("r-0001"));
  EXPECT_TRUE(viewer_.closed);
}

TEST_F(FollowRunTest, AnInterruptStopsTheRunAndStillBringsItsReport) {
  api_.Publish(Running("r-0001"));
  api_.ReportOnStop(v1::VERDICT_ABORTED);
  viewer_.on_show = [this] { signals_.Send(SIGINT); };
  const absl::StatusOr<v1::Report> report = Follow(OnInterrupt::kStop);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->verdict(), v1::VERDICT_ABORTED);
  ASSERT_EQ(api_.stops().size(), 1u);
  EXPECT_EQ(api_.stops()[0].run_id(), "r-0001");
}

TEST_F(FollowRunTest, TwoSignalsAtOnceAreOneInterrupt) {
  api_.Publish(Running("r-0001"));
  api_.ReportOnStop(v1::VERDICT_ABORTED);
  viewer_.on_show = [this] {
    signals_.Send(SIGINT);
    signals_.Send(SIGINT);
  };
  EXPECT_TRUE(Follow(OnInterrupt::kStop).ok());
  EXPECT_EQ(api_.stops().size(), 1u);
}

TEST_F(FollowRunTest, ASecondInterruptLeavesAtOnce) {
  api_.Publish(Running("r-0001"));
  viewer_.on_show = [this] { signals_.Send(SIGINT); };
  viewer_.on_say = [this] { signals_.Send(SIGINT); };
  const absl::StatusOr<v1::Report> report = Follow(OnInterrupt::kStop);
  EXPECT_TRUE(absl::IsAborted(report.status())) << report.status();
  EXPECT_EQ(api_.stops().size(), 1u);
}

TEST_F(FollowRunTest, AWatcherLeavesTheRunAlone) {
  api_.Publish(Running("r-0001"));
  viewer_.on_show = [this] { signals_.Send(SIGINT); };
  const absl::StatusOr<v1::Report> report = Follow(OnInterrupt::kLeave);
  EXPECT_TRUE(absl::IsAborted(report.status())) << report.status();
  EXPECT_TRUE(api_.stops().empty());
}

TEST_F(FollowRunTest, AMasterThatGoesAwaySaysHowToFindTheRunAgain) {
  api_.Publish(Running("r-0001"));
  viewer_.on_show = [this] {
    api_.EndWatch(grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed"));
  };
  const absl::StatusOr<v1::Report> report = Follow(OnInterrupt::kStop);
  EXPECT_TRUE(absl::IsUnavailable(report.status())) << report.status();
  EXPECT_THAT(std::string(report.status().message()),
              HasSubstr("cannot reach the master at here: Socket closed"));
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("loadctl watch r-0001"));
}

TEST_F(FollowRunTest, AnUnknownRunIsSaidInTheMastersWords) {
  api_.EndWatch(grpc::Status(grpc::StatusCode::NOT_FOUND, "no run r-0001"));
  const absl::StatusOr<v1::Report> report = Follow(OnInterrupt::kLeave);
  EXPECT_EQ(report.status(), absl::NotFoundError("no run r-0001"));
}

// A person at the keyboard: what they type is read from standard input.
class AskedTest : public FollowRunTest {
 protected:
  AskedTest() : before_(dup(STDIN_FILENO)) {
    int ends[2] = {};
    EXPECT_EQ(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    keys_ = ends[1];
    api_.Publish(Running("r-0001"));
    viewer_.on_show = [this] { signals_.Send(SIGINT); };
  }
  ~AskedTest() override {
    dup2(before_, STDIN_FILENO);
    close(before_);
    close(keys_);
  }
  void Press(char key) const { EXPECT_EQ(write(keys_, &key, 1), 1); }

  const int before_;
  int keys_;
};

TEST_F(AskedTest, DetachingLetsTheRunGoOn) {
  viewer_.on_say = [this] { Press('d'); };
  const absl::StatusOr<v1::Report> report = Follow(OnInterrupt::kAsk);
  EXPECT_TRUE(absl::IsAborted(report.status())) << report.status();
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("detached"));
  EXPECT_THAT(viewer_.said, ElementsAre(HasSubstr("Detach")));
  EXPECT_TRUE(api_.stops().empty());
}

TEST_F(AskedTest, StoppingBringsTheReport) {
  api_.ReportOnStop(v1::VERDICT_ABORTED);
  viewer_.on_say = [this] {
    if (viewer_.said.size() == 1) Press('s');
  };
  const absl::StatusOr<v1::Report> report = Follow(OnInterrupt::kAsk);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->verdict(), v1::VERDICT_ABORTED);
}

TEST_F(AskedTest, AnInterruptInsteadOfAnAnswerStops) {
  api_.ReportOnStop(v1::VERDICT_ABORTED);
  viewer_.on_say = [this] {
    if (viewer_.said.size() == 1) signals_.Send(SIGINT);
  };
  EXPECT_TRUE(Follow(OnInterrupt::kAsk).ok());
  EXPECT_EQ(api_.stops().size(), 1u);
}

TEST_F(AskedTest, SigtermIsNotAQuestion) {
  api_.ReportOnStop(v1::VERDICT_ABORTED);
  viewer_.on_show = [this] { signals_.Send(SIGTERM); };
  EXPECT_TRUE(Follow(OnInterrupt::kAsk).ok());
  EXPECT_EQ(api_.stops().size(), 1u);
}

class SubmitWhenReadyTest : public FollowRunTest {
 protected:
  absl::StatusOr<v1::SubmitReply> SubmitWithin(Nanos patience) {
    return SubmitWhenReady(client_, {}, patience, signals_.interrupts(), clock_);
  }

  const grpc::Status too_few_{grpc::StatusCode::FAILED_PRECONDITION, "0 of 1 agents"};
  ManualClock clock_;
};

TEST_F(SubmitWhenReadyTest, TriesAgainWhileThereAreTooFewAgents) {
  api_.AnswerSubmits({too_few_, too_few_, grpc::Status::OK});
  const absl::StatusOr<v1::SubmitReply> reply = SubmitWithin(kSecond);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->run_id(), "r-0001");
  EXPECT_EQ(api_.submits(), 3);
}

TEST_F(SubmitWhenReadyTest, GivesUpWithTheMastersWords) {
  api_.AnswerSubmits({too_few_});
  EXPECT_EQ(SubmitWithin(0).status(), absl::FailedPreconditionError("0 of 1 agents"));
}

TEST_F(SubmitWhenReadyTest, AnyOtherErrorIsFinal) {
  api_.AnswerSubmits({grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "busy")});
  EXPECT_EQ(SubmitWithin(kSecond).status(), absl::ResourceExhaustedError("busy"));
  EXPECT_EQ(api_.submits(), 1);
}

TEST_F(SubmitWhenReadyTest, AnInterruptEndsTheWait) {
  api_.AnswerSubmits({too_few_});
  signals_.Send(SIGINT);
  EXPECT_TRUE(absl::IsAborted(SubmitWithin(kSecond).status()));
}

}  // namespace
}  // namespace loadfleet
