// constant-vus, ramping-vus, per-vu-iterations, shared-iterations: each VU begins its next
// iteration as soon as the one before has ended, while it is active and has iterations left.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "agent/engine/deadline_wheel.h"
#include "agent/scenario/due_queue.h"
#include "agent/scenario/executor.h"
#include "agent/scenario/flow_walker.h"
#include "agent/schedule/vu_plan.h"
#include "common/slots.h"

namespace loadfleet {

// A VU's intended start is the moment it became free, so a closed model cannot see what a stall
// would have cost an open one. A VU whose last request got no response waits 10 ms, then twice as
// long each time up to 1 s, before the next iteration; so does one whose iteration did nothing.
class ClosedModelExecutor final : public Executor {
 public:
  // `slots`: the VUs n < plan.vus whose slot is in it are this worker's, and so are the shared
  // iterations that are theirs by right. VUs that Adjust() brings begin at their first iteration,
  // but do none of counted ones: nobody knows how many their last owner has done.
  ClosedModelExecutor(const Clock& clock, DeadlineWheel& wheel, const ScenarioFlows& flows,
                      SlotSet slots, VuPlan plan, absl::Span<Transport* const> transports,
                      Recorder& recorder, Destinations* destinations = nullptr);

  void Observe(WalkObserver& observer) { walker_.Observe(observer); }

  void Start(Nanos t0, Nanos now) override;
  Nanos Advance(Nanos now) override;
  void Fence(Nanos now) override;
  Nanos Adjust(const Reassignment& change, Nanos now) override;
  void EndLoad(Nanos now) override;
  bool Finished() const override;
  ScenarioLevels Levels(Nanos now) const override;

  void OnSent(Exchange& exchange) override;
  void OnMayFail(Exchange& exchange) override { walker_.OnMayFail(exchange); }
  void OnDone(Exchange& exchange, const Result& result, Nanos now) override;
  void OnExpired(Exchange& exchange, Nanos now) override;

 private:
  struct Vu final : Iteration, DeadlineWheel::Timer {
    ClosedModelExecutor* executor = nullptr;
    bool owned = true;     // by this worker; else it ends with its iteration
    bool busy = false;     // with an iteration
    bool paced = false;    // it waits in paced_
    bool stopped = false;  // for good, by Flow.on_error
    uint64_t left = 0;     // of its own iterations, when they are not shared
    Nanos pause = 0;       // before the next attempt after a failure; 0 after a response

    void OnDeadline(Nanos now) override { executor->Begin(*this, now, now); }
  };

  void Add(uint64_t number);
  void Hold(SlotSet slots);
  void Halt(Nanos now);
  void Begin(Vu& vu, Nanos intended, Nanos now);
  bool TakeIteration(Vu& vu);
  void SetActive(Nanos now);
  Nanos StartVus(Nanos now, int* starts);
  bool StartDue(int* starts);
  void Over(Vu& vu, Nanos now);
  void StopForGood(Vu& vu);

  const Clock& clock_;
  DeadlineWheel& wheel_;
  SlotSet slots_;           // of now
  Holdings later_;          // in the worker's clock
  const SlotSet at_first_;  // by which shared iterations are numbered
  const VuPlan plan_;
  Recorder& recorder_;
  FlowWalker walker_;
  DueQueue paced_;  // VUs whose next iteration VuPlan::pace holds back
  std::deque<Vu> storage_;
  std::vector<Vu*> vus_;        // that are or were this worker's, by number
  uint64_t active_ = 0;         // over the cluster: the VUs below this number may begin
  size_t begun_ = 0;            // of vus_, from the front: these have been told so
  uint64_t remaining_ = 0;      // iterations that have not begun; UINT64_MAX: any number
  uint64_t shared_by_ = 0;      // VUs, at first
  uint64_t shared_taken_ = 0;   // of the iterations that this worker's VUs share
  Nanos next_change_ = kNever;  // of active_
  size_t busy_ = 0;
  size_t owned_ = 0;
  size_t stopped_ = 0;  // of the owned ones
  Nanos t0_ = 0;
  Nanos begin_ = kNever;
  Nanos start_from_ = 0;  // no VU begins before, since a fence was taken away
  Nanos end_ = kNever;
  bool over_ = false;  // no iteration begins any more; those that have begun go on
  bool fenced_ = false;
  bool ended_ = false;  // EndLoad: nothing is sent any more
};

}  // namespace loadfleet
