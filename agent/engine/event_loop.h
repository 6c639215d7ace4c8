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
#include "agent/engine/read_buffers.h"
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

// Whose small writes gather until the loop has nothing else to do.
class Flushable {
 public:
  virtual ~Flushable() = default;
  virtual void Flush() = 0;

 private:
  friend class EventLoop;
  bool waits_ = false;  // among a loop's flushables
};

// All but Post() belong to the loop's one thread.
class EventLoop {
 public:
  static constexpr size_t kWriteBuffer = 64 << 10;

  // RESOURCE_EXHAUSTED: no descriptors left.
  static absl::StatusOr<std::unique_ptr<EventLoop>> Create(const Clock& clock);
  ~EventLoop();

  // Any thread: runs `task` on the loop's thread, soon.
  void Post(absl::AnyInvocable<void()> task);

  // Registers once and for good, edge-triggered for reading and writing: no epoll_ctl per request.
  // False when the kernel refuses. The descriptor leaves the set when it is closed.
  bool Add(int fd, IoHandler* handler);

  // Level-triggered, for descriptors that a library reads: `events` replaces what was watched for,
  // and 0 ends it, which must come before the descriptor is closed.
  void Watch(int fd, uint32_t events, IoHandler* handler);

  // Destroys the handler after the events that are being handled now, some of which may still name
  // it.
  void Bury(std::unique_ptr<IoHandler> handler) { buried_.push_back(std::move(handler)); }

  // Flushes it once before the next wait, unless it is taken back, which whoever goes must do.
  void FlushBeforeWait(Flushable* flushable);
  void Unflush(Flushable* flushable);

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
  ReadBuffers& read_buffers() { return read_buffers_; }
  char* write_buffer() { return write_buffer_.data(); }  // anyone's, for one write

 private:
  EventLoop(const Clock& clock, int epoll_fd, int event_fd);
  absl::Status WaitByTimer();
  int Poll(Nanos wait);
  void RunTasks();
  void FlushAll();

  const Clock& clock_;
  int epoll_fd_;
  int event_fd_;
  int timer_fd_ = -1;  // where the kernel waits by milliseconds alone
  DeadlineWheel wheel_;
  std::vector<std::unique_ptr<IoHandler>> buried_;
  std::array<epoll_event, 256> events_;
  int ready_ = 0;                       // of events_
  std::vector<Flushable*> flushables_;  // null: taken back
  ReadBuffers read_buffers_;
  std::array<char, kWriteBuffer> write_buffer_;
  Mailbox<absl::AnyInvocable<void()>> tasks_;
};

}  // namespace loadfleet
