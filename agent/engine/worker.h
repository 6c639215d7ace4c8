// A worker: one thread, one epoll loop, at most one run at a time. Workers share nothing.
#pragma once

#include <memory>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "agent/engine/event_loop.h"
#include "agent/engine/worker_run.h"

namespace loadfleet {

// Public methods are thread-safe: they post to the worker's mailbox and return.
class Worker {
 public:
  static absl::StatusOr<std::unique_ptr<Worker>> Create(const Clock& clock, Lease& lease);
  ~Worker();

  // Builds its part, and calls `ready` on the worker's thread when it can start, unless it is
  // dropped before. `plan` and `hand_over` stay until Drop() has been done.
  void Install(const RunPlan& plan, SlotSet slots, HandOver* hand_over,
               absl::AnyInvocable<void()> ready);
  void Start(Nanos t0);
  void Stop(Nanos grace);
  // As WorkerRun::Adjust; calls `done` with what that says on the worker's thread.
  void Adjust(uint64_t epoch, Reassignment change, absl::AnyInvocable<void(Nanos)> done);

  // Abandons the part, if any, then calls `done` on the worker's thread.
  void Drop(absl::AnyInvocable<void()> done);

 private:
  Worker(std::unique_ptr<EventLoop> loop, Lease& lease);
  void Loop();
  void TellWhenReady();

  std::unique_ptr<EventLoop> loop_;
  Lease& lease_;
  std::unique_ptr<WorkerRun> run_;    // the thread's
  absl::AnyInvocable<void()> ready_;  // the thread's; null: told, or nothing to tell
  bool quit_ = false;                 // the thread's
  std::thread thread_;
};

}  // namespace loadfleet
