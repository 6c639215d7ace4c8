// Moves iterations through their flows, whoever started them: one walker for each executor.
#pragma once

#include "absl/types/span.h"
#include "agent/connection/connection_pool.h"
#include "agent/record/recorder.h"
#include "agent/scenario/due_queue.h"
#include "agent/scenario/failure_recorder.h"
#include "agent/scenario/flow_program.h"
#include "agent/scenario/iteration.h"
#include "agent/scenario/request_text.h"
#include "agent/scenario/tracer.h"
#include "agent/scenario/walk_observer.h"

namespace loadfleet {

// Before what follows a request without a response: a target that refuses at once must not be
// hammered.
inline constexpr Nanos kFirstBackoff = 10 * kMillisecond;
inline constexpr Nanos kLastBackoff = kSecond;
inline Nanos NextBackoff(Nanos last) {
  return last == 0 ? kFirstBackoff : std::min(2 * last, kLastBackoff);
}

// The worker's thread only. An executor is the listener of its iterations' exchanges and hands over
// what it hears; whatever returns true here has brought the iteration to its end
// (Iteration::ending), and it is the executor's again. Never true for one that another call is
// still walking: that call says so.
class FlowWalker {
 public:
  // Borrows everything. `transports` by RequestTemplate::origin; `destinations` as Navigator.
  FlowWalker(const Clock& clock, const ScenarioFlows& flows,
             absl::Span<Transport* const> transports, Recorder& recorder,
             Destinations* destinations = nullptr);

  // Who sees every step from now on.
  void Observe(WalkObserver& observer) { observer_ = &observer; }

  // The scenario's start, before anything else.
  void Start(Nanos t0) { t0_ = t0; }

  // The counters of what was intended then: of arrivals, and of their first request.
  ArrivalCounts& arrivals(Nanos intended) {
    return recorder_.arrivals(flows_.arrivals + flows_.StageAt(intended - t0_));
  }
  RequestStats& first_stats(Nanos intended) {
    return recorder_.series(first_request().series + flows_.StageAt(intended - t0_));
  }
  RequestStats& stats(const Exchange& exchange) {
    return recorder_.series(exchange.request->series + exchange.stage);
  }

  // Before Begin: chooses the flow of an iteration whose `first` and `second` are set.
  void Prepare(Iteration& iteration, Nanos intended, Nanos dispatched);
  bool Begin(Iteration& iteration) { return Walk(iteration); }

  void OnSent(Exchange& exchange);
  void OnMayFail(Exchange& exchange) { failures_.OnMayFail(exchange); }
  bool OnDone(Iteration& iteration, Result result, Nanos now);
  bool OnExpired(Iteration& iteration, Nanos now);

  // Those that think: when the first goes on, which is due then, and that it goes on.
  Nanos NextDue() const { return thinking_.next(); }
  Iteration& PopDue() { return thinking_.Pop(); }
  bool Resume(Iteration& iteration, Nanos now);

  // Nothing is sent any more. Those that think have to be interrupted then.
  void Fence() { fenced_ = true; }
  void Unfence() { fenced_ = false; }
  bool AnyThinking() const { return !thinking_.empty(); }
  void Interrupt(Iteration& iteration, Nanos now);

  size_t on_wire() const { return on_wire_; }
  size_t thinking() const { return thinking_.size(); }

  // Whether all iterations are one request each.
  bool plain() const { return plain_; }
  const RequestTemplate& first_request() const { return *flows_.programs.front().first; }

 private:
  // What comes after an instruction.
  enum class Turn : uint8_t { kNext, kBlocked, kOver };

  bool Walk(Iteration& iteration);
  Turn Do(Iteration& iteration);
  Turn Send(Iteration& iteration, const RequestTemplate& request);
  Turn AfterRequest(Iteration& iteration);
  bool GoesOn(Iteration& iteration, Result* result);
  Turn NotSent(Iteration& iteration);
  bool FillIn(Iteration& iteration, const RequestText& text);
  bool Holds(Iteration& iteration, const Condition& condition);
  IterationValues ValuesOf(const Iteration& iteration, absl::FunctionRef<uint64_t()> draw) const;
  Turn Think(Iteration& iteration, const Instruction& think);
  Turn PauseUntil(Iteration& iteration, Nanos due);
  Turn End(Iteration& iteration, Ending ending);
  void EndGroup(Iteration& iteration);
  const FlowProgram& Choose(Iteration& iteration) const;
  uint64_t Draw(Iteration& iteration, uint32_t step) const;
  void MarkStarted(Iteration& iteration);
  void MakeState(Iteration& iteration);
  bool Check(Iteration& iteration, const ResponseChecks& checks, Result* result, Nanos now);
  void NoteFailure(Iteration& iteration, const Result& result, Nanos now);

  const Clock& clock_;
  const ScenarioFlows& flows_;
  const absl::Span<Transport* const> transports_;
  Recorder& recorder_;
  const bool plain_;
  const Navigator navigator_;
  const std::unique_ptr<Tracer> tracer_;  // null: nothing is traced
  DueQueue thinking_;
  JsonReader json_;
  ContentDecoder decoder_;
  WalkObserver* observer_ = nullptr;  // null: nobody
  FailureRecorder failures_;
  // Of the response that is being looked at: what failed, in words, and which one was the first.
  std::vector<std::string> failed_checks_;
  uint32_t first_failed_ = 0;
  std::vector<FeedReader> feeds_;  // of flows_.feeds
  Nanos t0_ = 0;
  size_t on_wire_ = 0;  // requests that were sent and have not ended
  bool fenced_ = false;
};

}  // namespace loadfleet
