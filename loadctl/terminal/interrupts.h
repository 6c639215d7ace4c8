// Ctrl-C and SIGTERM as something to wait for: nothing ever runs in a signal handler.
#pragma once

#include "common/clock.h"

namespace loadfleet {

// Not thread-safe. Owns its descriptor.
class Interrupts {
 public:
  // Blocks SIGINT and SIGTERM in this thread and in those that it starts later, so call it before
  // any thread exists. The signals stay blocked.
  static Interrupts OfProcess();

  // From any descriptor that yields struct signalfd_siginfo; takes it over. For tests: a pipe.
  explicit Interrupts(int fd) : fd_(fd) {}
  ~Interrupts();
  Interrupts(Interrupts&& other) noexcept;
  Interrupts& operator=(Interrupts&&) = delete;

  // Readable, for poll(2), while a signal waits.
  int fd() const { return fd_; }

  // The number of the signal that waits, which is now taken; 0 when there is none.
  int Take() const;

  // Blocks for at most `timeout`, or for ever when it is negative. Whether a signal waits.
  bool WaitFor(Nanos timeout) const;

 private:
  int fd_;
};

}  // namespace loadfleet
