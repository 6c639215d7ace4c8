// The one thread that owns the registry, the runs and their results. Others post to it.
#pragma once

#include <functional>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "common/clock.h"
#include "common/mailbox.h"

namespace loadfleet {

// What the thread does on its own between posts.
class Timed {
 public:
  virtual ~Timed() = default;
  virtual Nanos NextWake() const = 0;  // clock.Now()'s scale
  virtual void OnTime() = 0;
};

// Thread-safe.
class ControlThread {
 public:
  using Work = absl::AnyInvocable<void()>;

  explicit ControlThread(const Clock& clock) : clock_(clock) {}
  ~ControlThread() { Stop(); }

  // `timed` must live until Stop() has returned.
  void Start(Timed& timed);

  // Runs on the thread, in the order of posting. Dropped once stopped.
  void Post(Work work) { mailbox_.Post(std::move(work)); }

  // Runs what was posted before, then ends the thread. Idempotent; not to be called on the thread.
  void Stop();

 private:
  void Loop(Timed& timed);

  const Clock& clock_;
  Mailbox<Work> mailbox_;
  std::thread thread_;
};

}  // namespace loadfleet
