// The load engine of an agent: its workers, and one run at a time on them.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "agent/engine/lease.h"
#include "agent/engine/run_plan.h"
#include "agent/engine/worker.h"
#include "agent/record/run_reporter.h"
#include "common/clock.h"

namespace loadfleet {

// The link thread's, but for RenewLease. Never blocks on the network.
class Engine {
 public:
  // As EventLoop::Create.
  static absl::StatusOr<std::unique_ptr<Engine>> Create(const Clock& clock, uint32_t workers);
  ~Engine();

  // Makes a run ready on all workers, and calls `ready` on one of their threads when it is:
  // connections stand that are to stand before the load. Not when it is uninstalled before. No
  // other run may be installed.
  void Install(std::unique_ptr<RunPlan> plan, WindowSource source, RunReporter::Sink sink,
               absl::AnyInvocable<void()> ready);

  // Begins at t0 of this machine's clock.
  void Start(Nanos t0);

  // A newer epoch of the run, which has been started: other slots from run time `from` on, and no
  // fence any more. Calls `done` on a worker's thread when all workers have taken it up: up to
  // which run time what this agent loses is its own, `from` or later. Not when the run is
  // uninstalled before.
  void Adjust(uint64_t epoch, SlotSet slots, Nanos from, absl::AnyInvocable<void(Nanos)> done);

  // Nothing new; `grace` for what is in flight. Windows and the summary follow as at a planned end.
  void Stop(Nanos grace);

  // Forgets the run, abandoning what is left of it. Blocks until the workers have let go (one turn
  // of their loops).
  void Uninstall();

  // No request starts after `end` (Clock::NowWithSuspend). Thread-safe.
  void RenewLease(Nanos end) { lease_.Renew(end); }
  // INT64_MIN before the first renewal. Thread-safe.
  Nanos lease_end() const { return lease_.end(); }
  // The lease ended during the installed run, and no newer epoch has come since. Thread-safe.
  bool fenced() const { return lease_.fenced(epoch_.load(std::memory_order_relaxed)); }

  uint32_t workers() const { return static_cast<uint32_t>(workers_.size()); }
  const RunPlan* plan() const { return plan_.get(); }  // the installed run, or nullptr

 private:
  explicit Engine(const Clock& clock) : clock_(clock) {}

  const Clock& clock_;
  Lease lease_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<RunPlan> plan_;
  std::vector<SlotSet> shares_;  // by worker: of the newest epoch
  Nanos t0_ = 0;
  std::atomic<uint64_t> epoch_{0};
  std::unique_ptr<RunReporter> reporter_;
};

}  // namespace loadfleet
