// constant-vus, ramping-vus, per-vu-iterations, shared-iterations: each VU sends its next request
// as soon as the one before has ended, while it is active and has iterations left.
#pragma once

#include <cstdint>
#include <vector>

#include "agent/engine/deadline_wheel.h"
#include "agent/scenario/executor.h"
#include "agent/schedule/vu_plan.h"
#include "common/slots.h"

namespace loadfleet {

// A VU's intended start is the moment it became free, so a closed model cannot see what a stall
// would have cost an open one. A VU whose request got no response waits 10 ms, then twice as long
// each time up to 1 s, before the next.
class ClosedModelExecutor final : public Executor {
 public:
  // `slots`: the VUs n < plan.vus whose slot is in it are this worker's, and so are the shared
  // iterations that are theirs by right.
  ClosedModelExecutor(const Clock& clock, DeadlineWheel& wheel, const RequestTemplate& request,
                      SlotSet slots, VuPlan plan, Transport& transport, Recorder& recorder);

  void Start(Nanos t0, Nanos now) override;
  Nanos Advance(Nanos now) override;
  void EndLoad(Nanos now) override;
  bool Finished() const override;
  ScenarioLevels Levels(Nanos now) const override;

  void OnSent(Exchange& exchange) override;
  void OnDone(Exchange& exchange, const Result& result, Nanos now) override;
  void OnExpired(Exchange& exchange, Nanos now) override;

 private:
  struct Vu final : Exchange, DeadlineWheel::Timer {
    ClosedModelExecutor* executor = nullptr;
    bool busy = false;
    size_t index = 0;   // among this worker's
    uint64_t left = 0;  // of its own iterations, when they are not shared
    Nanos backoff = 0;  // before the next attempt after a failure; 0 after a response

    void OnDeadline(Nanos now) override { executor->Begin(*this, now); }
  };

  void Begin(Vu& vu, Nanos now);
  bool TakeIteration(Vu& vu);
  void SetActive(Nanos now);
  void End(Vu& vu, bool answered, Nanos now);
  RequestStats& stats(uint32_t stage) { return recorder_.series(request_.series + stage); }
  ArrivalCounts& arrivals(uint32_t stage) { return recorder_.arrivals(request_.arrivals + stage); }

  const Clock& clock_;
  DeadlineWheel& wheel_;
  const RequestTemplate& request_;
  const SlotSet slots_;
  const VuPlan plan_;
  Transport& transport_;
  Recorder& recorder_;
  std::vector<Vu> vus_;
  size_t active_ = 0;           // of vus_, from the front: these may begin
  size_t begun_ = 0;            // of vus_, from the front: these have been told so
  uint64_t remaining_ = 0;      // iterations that have not begun; UINT64_MAX: any number
  Nanos next_change_ = kNever;  // of active_
  size_t busy_ = 0;
  size_t on_wire_ = 0;  // of the busy ones, sent
  Nanos t0_ = 0;
  Nanos begin_ = kNever;
  Nanos end_ = kNever;
  bool over_ = false;   // every iteration has been done
  bool ended_ = false;  // nothing is started any more
};

}  // namespace loadfleet
