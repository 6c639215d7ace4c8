#include "agent/engine/event_loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
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
  // A loop that could not wait would spin.
  const timespec at_once{};
  if (epoll_pwait2(epoll_fd, &event, 1, &at_once, nullptr) < 0) {
    return absl::UnimplementedError(
        absl::StrCat("cannot wait to the microsecond (epoll_pwait2: ", strerror(errno),
                     "): Linux 5.11 or newer is needed, and a sandbox that lets it through"));
  }
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;  // no handler: the mailbox
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, event_fd, &event) != 0) {
    return absl::InternalError(absl::StrCat("cannot watch the mailbox: ", strerror(errno)));
  }
  return loop;
}

EventLoop::EventLoop(const Clock& clock, int epoll_fd, int event_fd)
    : clock_(clock), epoll_fd_(epoll_fd), event_fd_(event_fd), wheel_(clock.Now()) {}

EventLoop::~EventLoop() {
  buried_.clear();
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
  const timespec timeout{wait / kSecond, wait % kSecond};
  ready_ = epoll_pwait2(epoll_fd_, events_.data(), events_.size(), &timeout, nullptr);
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
    const timespec at_once{};
    ready_ = epoll_pwait2(epoll_fd_, events_.data(), events_.size(), &at_once, nullptr);
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
