#include "loadctl/follow/follow_run.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loadctl/terminal/keyboard.h"

namespace loadfleet {
namespace {

constexpr Nanos kFirstBackoff = 20 * kMillisecond;
constexpr Nanos kLongestBackoff = 500 * kMillisecond;

// One run being followed. Waits on three descriptors at most: snapshots, signals, and the keyboard
// while a question stands.
class Follower {
 public:
  Follower(ApiClient& client, std::string run_id, OnInterrupt on_interrupt,
           const Interrupts& interrupts, Progress& progress)
      : client_(client),
        run_id_(std::move(run_id)),
        on_interrupt_(on_interrupt),
        interrupts_(interrupts),
        progress_(progress),
        watch_(client.Watch(run_id_)) {}

  absl::StatusOr<v1::Report> Follow() {
    while (!result_) {
      std::array<pollfd, 3> waiting = {{{watch_->fd(), POLLIN, 0},
                                        {interrupts_.fd(), POLLIN, 0},
                                        {keyboard_ ? keyboard_->fd() : -1, POLLIN, 0}}};
      poll(waiting.data(), waiting.size(), -1);
      if (waiting[1].revents != 0) OnSignal(interrupts_.Take());
      if (waiting[2].revents != 0) OnKey(keyboard_->Read());
      if (waiting[0].revents != 0) OnNews(watch_->Take());
    }
    return *std::move(result_);
  }

 private:
  void OnNews(WatchStream::News news) {
    if (result_) return;
    if (news.snapshot) {
      run_id_ = news.snapshot->run_id();  // the newest run has a name now
      if (news.snapshot->has_report()) {
        result_ = std::move(*news.snapshot->mutable_report());
        return;
      }
      progress_.Show(*news.snapshot);
    }
    if (news.ended) result_ = WhyItEnded(*news.ended);
  }

  absl::Status WhyItEnded(const grpc::Status& status) const {
    if (status.ok()) return absl::InternalError("the master ended the watch without a report");
    absl::Status reason = client_.Explain(status);
    if (run_id_.empty() || !absl::IsUnavailable(reason)) return reason;
    return absl::UnavailableError(absl::StrCat(
        reason.message(), " (the run may go on; to see it: loadctl watch ", run_id_, ")"));
  }

  void OnSignal(int signal) {
    if (signal == 0) return;
    if (on_interrupt_ == OnInterrupt::kLeave) {
      result_ = absl::AbortedError("stopped watching; the run goes on");
    } else if (told_to_stop_) {
      result_ = absl::AbortedError("left before the run's report");
    } else if (on_interrupt_ == OnInterrupt::kAsk && signal == SIGINT && keyboard_ == nullptr) {
      keyboard_ = std::make_unique<Keyboard>(STDIN_FILENO);
      progress_.Say("Detach and let the run go on (d), or stop it (s, Ctrl-C)?");
    } else {
      StopRun();
    }
  }

  void OnKey(char key) {
    switch (key) {
      case 'd':
      case 'D':
        keyboard_.reset();
        result_ = absl::AbortedError(
            absl::StrCat("detached; the run goes on, to see it: loadctl watch ", run_id_));
        return;
      case '\0':  // the terminal is gone: nobody is left to ask
      case 's':
      case 'S':
        StopRun();
        return;
      default:
        return;
    }
  }

  void StopRun() {
    keyboard_.reset();
    v1::StopRequest request;
    request.set_run_id(run_id_);
    request.set_reason("interrupted at loadctl");
    const absl::StatusOr<v1::StopReply> reply = client_.Stop(request);
    if (!reply.ok()) {
      progress_.Say(absl::StrCat("cannot stop the run: ", reply.status().message()));
      return;
    }
    told_to_stop_ = true;
    // One press may come as two signals (timeout(1) signals its child and then the whole group).
    while (interrupts_.Take() != 0) continue;
    progress_.Say("Stopping the run; once more leaves at once.");
  }

  ApiClient& client_;
  std::string run_id_;
  const OnInterrupt on_interrupt_;
  const Interrupts& interrupts_;
  Progress& progress_;
  const std::unique_ptr<WatchStream> watch_;
  std::unique_ptr<Keyboard> keyboard_;  // while the question stands
  bool told_to_stop_ = false;
  std::optional<absl::StatusOr<v1::Report>> result_;
};

}  // namespace

absl::StatusOr<v1::Report> FollowRun(ApiClient& client, const std::string& run_id,
                                     OnInterrupt on_interrupt, const Interrupts& interrupts,
                                     Progress& progress) {
  absl::StatusOr<v1::Report> report =
      Follower(client, run_id, on_interrupt, interrupts, progress).Follow();
  progress.Close();
  return report;
}

absl::StatusOr<v1::SubmitReply> SubmitWhenReady(ApiClient& client, const v1::PlanSource& source,
                                                Nanos patience, const Interrupts& interrupts,
                                                const Clock& clock) {
  const Nanos give_up = clock.Now() + patience;
  for (Nanos backoff = kFirstBackoff;; backoff = std::min(2 * backoff, kLongestBackoff)) {
    absl::StatusOr<v1::SubmitReply> reply = client.Submit(source);
    const bool too_few_agents = absl::IsFailedPrecondition(reply.status());
    if (!too_few_agents || clock.Now() >= give_up) return reply;
    if (interrupts.WaitFor(backoff)) return absl::AbortedError("interrupted before the run began");
  }
}

}  // namespace loadfleet
