// One worker's part of one run: its pools, its executors, its recorder.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "agent/connection/connection_pool.h"
#include "agent/engine/event_loop.h"
#include "agent/engine/run_plan.h"
#include "agent/record/recorder.h"
#include "agent/scenario/executor.h"

namespace loadfleet {

// The worker's thread only. Borrows everything it is given.
class WorkerRun {
 public:
  // `slots`: this worker's of the agent's.  `lease`: the end of the agent's lease, in
  // Clock::NowWithSuspend(); no request starts beyond it.
  WorkerRun(EventLoop& loop, const RunPlan& plan, const SlotSet& slots, HandOver* hand_over,
            const std::atomic<Nanos>& lease);
  ~WorkerRun();

  void Start(Nanos t0);

  // Nothing new; what is in flight has `grace` to finish.
  void Stop(Nanos grace);

  // One turn of the loop: starts what is due, closes the second, ends what is over. Says when the
  // next is wanted.
  Nanos Turn(Nanos now);

  // The last recording has been handed over; true from then on.
  bool Finished() const { return finished_; }

 private:
  void AddExecutor(const PreparedScenario& scenario, const SlotSet& slots);
  void EndLoad(Nanos now, Nanos grace);
  void FillLevels(Recording& recording, Nanos now);
  bool AllExecutorsFinished() const;

  EventLoop& loop_;
  const RunPlan& plan_;
  const std::atomic<Nanos>& lease_;
  std::unique_ptr<Recorder> recorder_;
  std::vector<std::unique_ptr<ConnectionPool>> pools_;  // by origin
  std::vector<std::unique_ptr<Executor>> executors_;    // by scenario
  bool started_ = false;
  bool load_ended_ = false;
  bool finished_ = false;
  Nanos grace_end_ = kNever;  // when what is still in flight is interrupted
  Nanos planned_wake_ = kNever;
  uint64_t opened_before_ = 0;  // connections opened in earlier recordings
};

}  // namespace loadfleet
