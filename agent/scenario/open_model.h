// constant-arrival-rate and ramping-arrival-rate: arrivals come from the schedule, whatever the
// target does.
#pragma once

#include "agent/scenario/executor.h"
#include "agent/scenario/in_flight.h"
#include "agent/schedule/release_gate.h"
#include "agent/schedule/stripe.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct OpenModelOptions {
  uint64_t max_in_flight = 1;  // this worker's share; at least 1
  v1::Pacing pacing = v1::PACING_PRECISE;
  v1::OnOverflow on_overflow = v1::ON_OVERFLOW_QUEUE;
  Nanos max_lateness = 0;
};

class OpenModelExecutor final : public Executor {
 public:
  OpenModelExecutor(const Clock& clock, const RequestTemplate& request, Stripe stripe,
                    const OpenModelOptions& options, Transport& transport, Recorder& recorder);

  void Start(Nanos t0, Nanos now) override;
  Nanos Advance(Nanos now) override;
  void EndLoad(Nanos now) override;
  bool Finished() const override;
  ScenarioLevels Levels(Nanos now) const override;

  void OnSent(Exchange& exchange) override;
  void OnDone(Exchange& exchange, const Result& result, Nanos now) override;
  void OnExpired(Exchange& exchange, Nanos now) override;

 private:
  Nanos DueAt(Nanos intended) const;
  void Dispatch(Nanos intended, Nanos now);
  void ReleaseOverflow(Nanos now);
  void DropDueBefore(Nanos time, Nanos now);
  void Drop(uint64_t ArrivalCounts::*reason, uint32_t stage, Nanos age);
  uint32_t StageOf(Nanos intended) const { return request_.StageAt(intended - t0_); }
  RequestStats& stats(uint32_t stage) { return recorder_.series(request_.series + stage); }
  ArrivalCounts& arrivals(uint32_t stage) { return recorder_.arrivals(request_.arrivals + stage); }

  const Clock& clock_;
  const RequestTemplate& request_;
  Stripe stripe_;
  OpenModelOptions options_;
  Transport& transport_;
  Recorder& recorder_;
  ReleaseGate gate_;
  InFlight in_flight_;
  ExchangeQueue overflow_;  // of in_flight_, held back by max_in_flight
  size_t on_wire_ = 0;      // of in_flight_, sent
  Nanos t0_ = 0;
  bool begun_ = false;  // t0_ is known: before it nothing was ever due
  bool over_ = false;   // its time is over; what it began goes on
  bool ended_ = false;  // EndLoad: nothing is started any more
  bool catching_up_ = false;
  bool releasing_ = false;  // ReleaseOverflow is on the stack
};

}  // namespace loadfleet
