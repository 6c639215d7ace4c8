// constant-vus: each VU sends its next request as soon as the one before has ended.
#pragma once

#include <cstdint>
#include <vector>

#include "agent/engine/deadline_wheel.h"
#include "agent/scenario/executor.h"
#include "common/slots.h"

namespace loadfleet {

// A VU's intended start is the moment it became free, so a closed model cannot see what a stall
// would have cost an open one. A VU whose request got no response waits 10 ms, then twice as long
// each time up to 1 s, before the next.
class ClosedModelExecutor final : public Executor {
 public:
  // `slots`: the VUs n < vus whose slot is in it are this worker's.
  ClosedModelExecutor(const Clock& clock, DeadlineWheel& wheel, const RequestTemplate& request,
                      const SlotSet& slots, uint64_t vus, Nanos duration, Transport& transport,
                      Recorder& recorder);

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
    Nanos backoff = 0;  // before the next attempt after a failure; 0 after a response

    void OnDeadline(Nanos now) override { executor->Begin(*this, now); }
  };

  void Begin(Vu& vu, Nanos now);
  void End(Vu& vu, bool answered, Nanos now);
  RequestStats& stats() { return recorder_.series(request_.series); }
  ArrivalCounts& arrivals() { return recorder_.arrivals(request_.scenario); }

  const Clock& clock_;
  DeadlineWheel& wheel_;
  const RequestTemplate& request_;
  Nanos duration_;
  Transport& transport_;
  Recorder& recorder_;
  std::vector<Vu> vus_;
  size_t begun_ = 0;  // of vus_, from the front
  size_t busy_ = 0;
  size_t on_wire_ = 0;  // of the busy ones, sent
  Nanos begin_ = kNever;
  Nanos end_ = kNever;
  bool ended_ = false;
};

}  // namespace loadfleet
