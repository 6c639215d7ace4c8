// One thread's epoll loop: sockets, timeouts, and a mailbox that other threads post to.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "agent/engine/deadline_wheel.h"
#include "common/clock.h"
#include "common/mailbox.h"

namespace loadfleet {

// What an epoll event is for.
class IoHandler {
 public:
  virtual ~IoHandler() = default;
  // `events` as epoll gives them (EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR).
  virtual void OnIo(uint32_t events) = 0;
};

// All but Post() belong to the loop's one thread.
class EventLoop {
 public:
  static constexpr size_t kReadBuffer = 64 << 10;

  // RESOURCE_EXHAUSTED: no descriptors left.  UNIMPLEMENTED: the kernel is older than Linux 5.11.
  static absl::StatusOr<std::unique_ptr<EventLoop>> Create(const Clock& clock);
  ~EventLoop();

  // Any thread: runs `task` on the loop's thread, soon.
  void Post(absl::AnyInvocable<void()> task);

  // Registers once and for good, edge-triggered for reading and writing: no epoll_ctl per request.
  // False when the kernel refuses. The descriptor leaves the set when it is closed.
  bool Add(int fd, IoHandler* handler);

  // Destroys the handler after the events that are being handled now, some of which may still name
  // it.
  void Bury(std::unique_ptr<IoHandler> handler) { buried_.push_back(std::move(handler)); }

  // One turn is a Wait and a Handle; whoever must know before anything is handled stands between.
  void RunOnce(Nanos until) {
    Wait(until);
    Handle();
  }
  // For events, until `until` (of Clock::Now) at the latest, which must not lie beyond
  // wheel().NextAdvance() while any timer is set.
  void Wait(Nanos until);
  // What is ready, then the timeouts that are due, then the mailbox.
  void Handle();

  const Clock& clock() const { return clock_; }
  DeadlineWheel& wheel() { return wheel_; }
  char* read_buffer() { return read_buffer_.data(); }  // anyone's, between two events

 private:
  EventLoop(const Clock& clock, int epoll_fd, int event_fd);
  void RunTasks();

  const Clock& clock_;
  int epoll_fd_;
  int event_fd_;
  DeadlineWheel wheel_;
  std::vector<std::unique_ptr<IoHandler>> buried_;
  std::array<epoll_event, 256> events_;
  int ready_ = 0;  // of events_
  std::array<char, kReadBuffer> read_buffer_;
  Mailbox<absl::AnyInvocable<void()>> tasks_;
};

}  // namespace loadfleet
