// constant-vus, ramping-vus, per-vu-iterations, shared-iterations: each VU begins its next
// iteration as soon as the one before has ended, while it is active and has iterations left.
#pragma once

#include <cstdint>
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
  // iterations that are theirs by right.
  ClosedModelExecutor(const Clock& clock, DeadlineWheel& wheel, const ScenarioFlows& flows,
                      SlotSet slots, VuPlan plan, absl::Span<Transport* const> transports,
                      Recorder& recorder, Destinations* destinations = nullptr);

  void Observe(WalkObserver& observer) { walker_.Observe(observer); }

  void Start(Nanos t0, Nanos now) override;
  Nanos Advance(Nanos now) override;
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
    bool busy = false;     // with an iteration
    bool paced = false;    // it waits in paced_
    bool stopped = false;  // for good, by Flow.on_error
    size_t index = 0;      // among this worker's
    uint64_t left = 0;     // of its own iterations, when they are not shared
    Nanos pause = 0;       // before the next attempt after a failure; 0 after a response

    void OnDeadline(Nanos now) override { executor->Begin(*this, now, now); }
  };

  void Begin(Vu& vu, Nanos intended, Nanos now);
  bool TakeIteration(Vu& vu);
  void SetActive(Nanos now);
  Nanos StartVus(Nanos now, int* starts);
  bool StartDue(int* starts);
  void Over(Vu& vu, Nanos now);
  void StopForGood(Vu& vu);

  const Clock& clock_;
  DeadlineWheel& wheel_;
  const SlotSet slots_;
  const VuPlan plan_;
  Recorder& recorder_;
  FlowWalker walker_;
  DueQueue paced_;  // VUs whose next iteration VuPlan::pace holds back
  std::vector<Vu> vus_;
  size_t active_ = 0;           // of vus_, from the front: these may begin
  size_t begun_ = 0;            // of vus_, from the front: these have been told so
  uint64_t remaining_ = 0;      // iterations that have not begun; UINT64_MAX: any number
  uint64_t shared_taken_ = 0;   // of those that this worker's VUs share
  Nanos next_change_ = kNever;  // of active_
  size_t busy_ = 0;
  size_t stopped_ = 0;
  Nanos t0_ = 0;
  Nanos begin_ = kNever;
  Nanos end_ = kNever;
  bool over_ = false;   // no iteration begins any more; those that have begun go on
  bool ended_ = false;  // EndLoad: nothing is sent any more
};

}  // namespace loadfleet
