// constant-arrival-rate and ramping-arrival-rate: arrivals come from the schedule, whatever the
// target does.
#pragma once

#include "agent/scenario/executor.h"
#include "agent/scenario/flow_walker.h"
#include "agent/scenario/in_flight.h"
#include "agent/schedule/release_gate.h"
#include "agent/schedule/stripe.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct OpenModelOptions {
  uint64_t max_in_flight = 1;  // iterations, over the cluster; a worker's share is at least 1
  v1::Pacing pacing = v1::PACING_PRECISE;
  v1::OnOverflow on_overflow = v1::ON_OVERFLOW_QUEUE;
  Nanos max_lateness = 0;
};

class OpenModelExecutor final : public Executor {
 public:
  OpenModelExecutor(const Clock& clock, const ScenarioFlows& flows, Stripe stripe,
                    const OpenModelOptions& options, absl::Span<Transport* const> transports,
                    Recorder& recorder, Destinations* destinations = nullptr);

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
  Nanos DueAt(Nanos intended) const;
  Nanos StartDue(Nanos now, int* starts);
  Nanos ResumeDue(int* starts);
  void Dispatch(Nanos intended, uint64_t index, Nanos now);
  void ReleaseOverflow(Nanos now);
  void Halt(Nanos now);
  void Take();
  void DropDueBefore(Nanos time, Nanos now);
  void DropGained(const SlotSet& gained, Nanos from, Nanos now);
  void DropArrival(uint64_t ArrivalCounts::*reason, Nanos intended, Nanos now);
  void Begin(Iteration& iteration, Nanos now);
  void Over(Iteration& iteration, Nanos now);
  void Expire(Iteration& iteration, Nanos now);

  const Clock& clock_;
  Stripe stripe_;
  const OpenModelOptions options_;
  uint64_t most_in_flight_;
  Recorder& recorder_;
  FlowWalker walker_;
  ReleaseGate gate_;
  InFlight in_flight_;
  ExchangeQueue overflow_;  // of in_flight_, held back by max_in_flight
  Nanos t0_ = 0;
  Nanos taken_before_ = 0;  // everything that was taken was intended before
  Nanos start_from_ = 0;    // what was intended before is dropped as fenced
  bool begun_ = false;      // t0_ is known: before it nothing was ever due
  bool over_ = false;       // its time is over; the iterations that have begun go on
  bool fenced_ = false;
  bool ended_ = false;  // EndLoad: nothing is sent any more
  bool catching_up_ = false;
  bool releasing_ = false;  // ReleaseOverflow is on the stack
};

}  // namespace loadfleet
