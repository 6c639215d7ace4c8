// One worker's part of one run: its pools, its executors, its recorder.
#pragma once

#include <memory>
#include <vector>

#include "agent/connection/connection_pool.h"
#include "agent/engine/event_loop.h"
#include "agent/engine/lease.h"
#include "agent/engine/origin_pools.h"
#include "agent/engine/run_plan.h"
#include "agent/record/recorder.h"
#include "agent/scenario/executor.h"

namespace loadfleet {

// The worker's thread only. Borrows everything it is given.
class WorkerRun final : private ConnectionObserver {
 public:
  // `slots`: this worker's of the agent's; none is a part too.
  WorkerRun(EventLoop& loop, const RunPlan& plan, const SlotSet& slots, HandOver* hand_over,
            Lease& lease);
  ~WorkerRun() override;

  // Nothing of what comes before the load is left to do. It may begin all the same.
  bool Ready(Nanos now) const;
  void Start(Nanos t0);

  // Nothing new; what is in flight has `grace` to finish.
  void Stop(Nanos grace);

  // Fences the load when the lease has ended. To be asked before anything is handled that can start
  // a request.
  void CheckLease();

  // A newer epoch: other slots, and no fence any more. As Executor::Adjust, in all scenarios.
  Nanos Adjust(uint64_t epoch, const Reassignment& change);

  // One turn of the loop: starts what is due, closes the second, ends what is over. Says when the
  // next is wanted.
  Nanos Turn(Nanos now);

  // The last recording has been handed over; true from then on.
  bool Finished() const { return finished_; }

 private:
  void OnConnected(const RequestTemplate& request, Nanos connect, Nanos tls) override;
  void AddExecutor(const PreparedScenario& scenario, const SlotSet& slots);
  void EndLoad(Nanos now);
  void Interrupt(size_t scenario, Nanos now);
  void InterruptFenced(Nanos now);
  void FillLevels(Recording& recording, Nanos now);
  bool AllExecutorsFinished() const;

  EventLoop& loop_;
  const RunPlan& plan_;
  Lease& lease_;
  std::unique_ptr<Recorder> recorder_;
  OriginPools pools_;
  std::vector<std::unique_ptr<Executor>> executors_;  // by scenario
  Nanos warm_until_ = 0;                              // the start waits no longer for connections
  bool started_ = false;
  bool load_ended_ = false;
  bool fenced_ = false;
  bool finished_ = false;
  uint64_t epoch_;
  std::vector<Nanos> grace_ends_;        // by scenario: when what is still in flight is interrupted
  std::vector<Nanos> fence_grace_ends_;  // likewise, for a fence
  Nanos planned_wake_ = kNever;
  uint64_t opened_before_ = 0;  // connections opened in earlier recordings
};

}  // namespace loadfleet
