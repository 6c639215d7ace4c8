#include "agent/engine/event_loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

// 16 rounds of 256 events: more than that is no end of a stall but a load of its own.
constexpr int kRoundsPerTurn = 16;

}  // namespace

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Create(const Clock& clock) {
  const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  const int event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (epoll_fd < 0 || event_fd < 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot make an event loop: ", strerror(errno)));
  }
  auto loop = std::unique_ptr<EventLoop>(new EventLoop(clock, epoll_fd, event_fd));
  epoll_event event{};
  const timespec at_once{};
  if (epoll_pwait2(epoll_fd, &event, 1, &at_once, nullptr) < 0) {
    if (absl::Status status = loop->WaitByTimer(); !status.ok()) return status;
  }
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;  // no handler: the mailbox
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, event_fd, &event) != 0) {
    return absl::InternalError(absl::StrCat("cannot watch the mailbox: ", strerror(errno)));
  }
  return loop;
}

// Linux before 5.11, some sandboxes and valgrind have no epoll_pwait2, and epoll_wait knows only
// milliseconds: a timer among the descriptors wakes it, for one more system call a wait.
absl::Status EventLoop::WaitByTimer() {
  timer_fd_ = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = &timer_fd_;
  if (timer_fd_ < 0 || epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, timer_fd_, &event) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot make an event loop's timer: ", strerror(errno)));
  }
  return absl::OkStatus();
}

int EventLoop::Poll(Nanos wait) {
  const timespec timeout{wait / kSecond, wait % kSecond};
  if (timer_fd_ < 0) {
    return epoll_pwait2(epoll_fd_, events_.data(), events_.size(), &timeout, nullptr);
  }
  const itimerspec once{{}, timeout};
  if (wait > 0) timerfd_settime(timer_fd_, 0, &once, nullptr);
  const int ready = epoll_wait(epoll_fd_, events_.data(), events_.size(), wait > 0 ? -1 : 0);
  // It tells nobody anything.
  const auto end =
      std::remove_if(events_.begin(), events_.begin() + std::max(0, ready),
                     [this](const epoll_event& event) { return event.data.ptr == &timer_fd_; });
  return static_cast<int>(end - events_.begin());
}

EventLoop::EventLoop(const Clock& clock, int epoll_fd, int event_fd)
    : clock_(clock), epoll_fd_(epoll_fd), event_fd_(event_fd), wheel_(clock.Now()) {}

EventLoop::~EventLoop() {
  buried_.clear();
  if (timer_fd_ >= 0) close(timer_fd_);
  close(event_fd_);
  close(epoll_fd_);
}

void EventLoop::Post(absl::AnyInvocable<void()> task) {
  if (!tasks_.Post(std::move(task))) return;
  const uint64_t one = 1;
  // The counter can only be full with a wake-up already due.
  [[maybe_unused]] const ssize_t written = write(event_fd_, &one, sizeof(one));
}

bool EventLoop::Add(int fd, IoHandler* handler) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = handler;
  return epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0;
}

void EventLoop::Watch(int fd, uint32_t events, IoHandler* handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  if (events == 0) {
    epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, &event);
  } else if (epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) != 0) {
    epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event);
  }
}

void EventLoop::FlushBeforeWait(Flushable* flushable) {
  if (flushable->waits_) return;
  flushable->waits_ = true;
  flushables_.push_back(flushable);
}

void EventLoop::Unflush(Flushable* flushable) {
  if (!flushable->waits_) return;
  flushable->waits_ = false;
  *std::find(flushables_.begin(), flushables_.end(), flushable) = nullptr;
}

void EventLoop::FlushAll() {
  // One that is flushed may bring others here, itself too.
  for (size_t i = 0; i < flushables_.size(); ++i) {
    Flushable* flushable = std::exchange(flushables_[i], nullptr);
    if (flushable == nullptr) continue;
    flushable->waits_ = false;
    flushable->Flush();
  }
  flushables_.clear();
}

void EventLoop::Wait(Nanos until) {
  if (!flushables_.empty()) FlushAll();
  const Nanos wait = std::max<Nanos>(0, until - clock_.Now());
  ready_ = Poll(wait);
}

void EventLoop::Handle() {
  bool mail = false;
  for (int round = 1;; ++round) {
    for (int i = 0; i < ready_; ++i) {
      auto* handler = static_cast<IoHandler*>(events_[i].data.ptr);
      if (handler == nullptr) {
        mail = true;
      } else {
        handler->OnIo(events_[i].events);
      }
    }
    // There may be more: an answer that waits in its socket must not be taken for a timeout.
    if (ready_ < static_cast<int>(events_.size()) || round == kRoundsPerTurn) break;
    ready_ = Poll(0);
  }
  const Nanos now = clock_.Now();
  if (now >= wheel_.NextAdvance()) wheel_.Advance(now);
  if (mail) RunTasks();
  buried_.clear();
}

void EventLoop::RunTasks() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(event_fd_, &count, sizeof(count));
  while (auto task = tasks_.Take(0)) (*task)();
}

}  // namespace loadfleet
