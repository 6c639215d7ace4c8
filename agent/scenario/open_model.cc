#include "agent/scenario/open_model.h"

#include <algorithm>
#include <utility>

#include "agent/scenario/exchange_record.h"

namespace loadfleet {
namespace {

// PACING_BATCHED starts arrivals at whole multiples of this.
constexpr Nanos kBatch = kMillisecond;

uint64_t ShareOf(uint64_t max_in_flight, const SlotSet& slots) {
  return std::max<uint64_t>(1, slots.CountBelow(max_in_flight));
}

}  // namespace

OpenModelExecutor::OpenModelExecutor(const Clock& clock, const ScenarioFlows& flows, Stripe stripe,
                                     const OpenModelOptions& options,
                                     absl::Span<Transport* const> transports, Recorder& recorder,
                                     Destinations* destinations)
    : clock_(clock),
      stripe_(std::move(stripe)),
      options_(options),
      most_in_flight_(ShareOf(options.max_in_flight, stripe_.slots())),
      recorder_(recorder),
      walker_(clock, flows, transports, recorder, destinations) {}

void OpenModelExecutor::Start(Nanos t0, Nanos now) {
  t0_ = t0;
  walker_.Start(t0);
  begun_ = true;
  DropDueBefore(now, now);  // the arrivals of the time before are not this worker's to make up
}

// The next arrival is this worker's from here on, whatever becomes of it.
void OpenModelExecutor::Take() {
  const Nanos intended = t0_ + stripe_.NextTime();
  taken_before_ = std::max(taken_before_, intended + 1);
  stripe_.Take();
  ++walker_.arrivals(intended).intended;
}

void OpenModelExecutor::DropDueBefore(Nanos time, Nanos now) {
  while (!stripe_.Done() && t0_ + stripe_.NextTime() < time) {
    const Nanos intended = t0_ + stripe_.NextTime();
    Take();
    DropArrival(&ArrivalCounts::dropped_fenced, intended, now);
  }
}

Nanos OpenModelExecutor::Advance(Nanos now) {
  if (!overflow_.empty()) ReleaseOverflow(now);  // places may have come free by expiry
  // A catch-up mark must not outlive the backlog.
  catching_up_ = false;
  int starts = 0;
  const Nanos resume = walker_.NextDue() <= now ? ResumeDue(&starts) : walker_.NextDue();
  return std::min(resume, StartDue(now, &starts));
}

// Says when the next iteration that thinks goes on.
Nanos OpenModelExecutor::ResumeDue(int* starts) {
  Nanos now = clock_.Now();
  while (walker_.NextDue() <= now) {
    if (++*starts > kStartsPerTurn) return now;
    Iteration& iteration = walker_.PopDue();
    if (walker_.Resume(iteration, now)) Over(iteration, now);
    now = clock_.Now();  // as below
  }
  return walker_.NextDue();
}

Nanos OpenModelExecutor::StartDue(Nanos now, int* starts) {
  if (ended_) return kNever;
  const Nanos end = t0_ + stripe_.Duration();
  if (fenced_ && now < end) return end;
  if (fenced_) start_from_ = end;
  for (; !ended_ && !stripe_.Done(); ++*starts) {
    const Nanos intended = t0_ + stripe_.NextTime();
    if (const Nanos due = DueAt(intended); due > now) return due;
    if (intended < start_from_) {
      if (*starts >= kStartsPerTurn) return now;
      Take();
      DropArrival(&ArrivalCounts::dropped_fenced, intended, now);
      continue;
    }
    const Nanos earliest = gate_.EarliestFor(intended, now);
    if (earliest > now) {
      catching_up_ = true;
      return earliest;
    }
    if (*starts >= kStartsPerTurn) return now;
    const uint64_t index = stripe_.NextIndex();
    Take();
    Dispatch(intended, index, now);
    now = clock_.Now();  // sending takes time: the next arrival's lateness is its own
  }
  if (ended_) return kNever;
  // The load lasts as long as it was planned, whenever its last arrival was; but for one whose rows
  // are used up.
  if (now < end && !stripe_.CutShort()) return end;
  over_ = true;
  return kNever;
}

// A response may wake the worker at any time: in batches nothing is started then either, else there
// would be as many small writes and wake-ups as with precise pacing.
Nanos OpenModelExecutor::DueAt(Nanos intended) const {
  return options_.pacing == v1::PACING_BATCHED ? (intended + kBatch - 1) / kBatch * kBatch
                                               : intended;
}

void OpenModelExecutor::Dispatch(Nanos intended, uint64_t index, Nanos now) {
  if (now - intended > options_.max_lateness) {
    DropArrival(&ArrivalCounts::dropped_late, intended, now);
    return;
  }
  const bool full = in_flight_.size() >= most_in_flight_;
  if (full && options_.on_overflow == v1::ON_OVERFLOW_DROP) {
    DropArrival(&ArrivalCounts::dropped_saturated, intended, now);
    return;
  }
  gate_.Passed(now, stripe_.GapAt(intended - t0_));
  Iteration& iteration = in_flight_.Acquire();
  iteration.listener = this;
  iteration.first = iteration.number = index;
  walker_.Prepare(iteration, intended, now);
  if (full || !overflow_.empty()) {
    overflow_.Push(iteration);
  } else {
    Begin(iteration, now);
  }
}

void OpenModelExecutor::Begin(Iteration& iteration, Nanos now) {
  if (walker_.Begin(iteration)) Over(iteration, now);
}

void OpenModelExecutor::ReleaseOverflow(Nanos now) {
  if (releasing_) return;  // an iteration that fails at once ends up here again
  releasing_ = true;
  while (!overflow_.empty()) {
    if (now - overflow_.front().intended > options_.max_lateness) {
      Expire(static_cast<Iteration&>(overflow_.Pop()), now);
    } else if (in_flight_.size() - overflow_.size() < most_in_flight_) {
      Begin(static_cast<Iteration&>(overflow_.Pop()), now);
    } else {
      break;
    }
  }
  releasing_ = false;
}

void OpenModelExecutor::OnSent(Exchange& exchange) {
  walker_.OnSent(exchange);
}

void OpenModelExecutor::OnDone(Exchange& exchange, const Result& result, Nanos now) {
  recorder_.At(now);
  auto& iteration = static_cast<Iteration&>(exchange);
  if (walker_.OnDone(iteration, result, now)) Over(iteration, now);
}

void OpenModelExecutor::OnExpired(Exchange& exchange, Nanos now) {
  auto& iteration = static_cast<Iteration&>(exchange);
  if (walker_.OnExpired(iteration, now)) Over(iteration, now);
}

void OpenModelExecutor::Over(Iteration& iteration, Nanos now) {
  if (iteration.ending == Ending::kDropped) {
    Expire(iteration, now);
    return;
  }
  in_flight_.Release(iteration);
  if (!overflow_.empty()) ReleaseOverflow(now);
}

// It waited in vain, and nothing of it was started.
void OpenModelExecutor::Expire(Iteration& iteration, Nanos now) {
  ArrivalCounts& counts = walker_.arrivals(iteration.arrival);
  ++(ended_ || fenced_ ? counts.dropped_fenced : counts.dropped_late);
  RecordDropped(walker_.stats(iteration), now - iteration.arrival);
  in_flight_.Release(iteration);
}

void OpenModelExecutor::DropArrival(uint64_t ArrivalCounts::*reason, Nanos intended, Nanos now) {
  ++(walker_.arrivals(intended).*reason);
  RecordDropped(walker_.first_stats(intended), now - intended);
}

void OpenModelExecutor::Fence(Nanos now) {
  fenced_ = true;
  Halt(now);
}

Nanos OpenModelExecutor::Adjust(const Reassignment& change, Nanos now) {
  if (ended_ || over_) return std::max(change.lost_from, taken_before_);
  if (fenced_) {
    fenced_ = false;
    walker_.Unfence();
    start_from_ = std::max(change.gained_from, now + 1);
  }
  DropGained(change.slots.Without(stripe_.slots()), change.gained_from, now);
  // What is intended now may have been taken now.
  const Nanos gained_from = std::max(change.gained_from, now + 1);
  const bool loses = !stripe_.slots().Without(change.slots).empty();
  const Nanos lost_from = loses ? std::max(change.lost_from, taken_before_) : change.lost_from;
  stripe_.Reassign({change.slots, gained_from - t0_, lost_from - t0_});
  most_in_flight_ = ShareOf(options_.max_in_flight, change.slots);
  return lost_from;
}

void OpenModelExecutor::DropGained(const SlotSet& gained, Nanos from, Nanos now) {
  if (gained.empty() || from > now) return;
  for (Stripe missed = stripe_.Of(gained, from - t0_);
       !missed.Done() && t0_ + missed.NextTime() <= now; missed.Take()) {
    const Nanos intended = t0_ + missed.NextTime();
    ++walker_.arrivals(intended).intended;
    DropArrival(&ArrivalCounts::dropped_fenced, intended, now);
  }
}

void OpenModelExecutor::EndLoad(Nanos now) {
  if (ended_) return;
  ended_ = true;
  Halt(now);
  if (begun_) DropDueBefore(now + 1, now);
}

// Nothing is sent, and nothing may be left that would be.
void OpenModelExecutor::Halt(Nanos now) {
  catching_up_ = false;
  walker_.Fence();
  while (!overflow_.empty()) Expire(static_cast<Iteration&>(overflow_.Pop()), now);
  while (walker_.AnyThinking()) {
    Iteration& iteration = walker_.PopDue();
    walker_.Interrupt(iteration, now);
    Over(iteration, now);
  }
}

bool OpenModelExecutor::Finished() const {
  return (ended_ || over_) && in_flight_.empty();
}

ScenarioLevels OpenModelExecutor::Levels(Nanos now) const {
  ScenarioLevels levels;
  uint64_t behind = 0;
  Nanos oldest = kNever;
  if (!ended_ && !fenced_ && !stripe_.Done() && t0_ + stripe_.NextTime() <= now) {
    behind = stripe_.DueBefore(now - t0_ + 1);
    oldest = t0_ + stripe_.NextTime();
  }
  for (const Exchange* one = in_flight_.oldest(); one != nullptr; one = one->newer) {
    // Of an iteration that thinks it is the step to come.
    oldest = std::min(oldest, static_cast<const Iteration*>(one)->ready);
    if (walker_.plain()) break;  // they are in the order of their arrivals
  }
  levels.in_flight = walker_.on_wire();
  levels.waiting = behind + in_flight_.size() - walker_.on_wire() - walker_.thinking();
  levels.oldest_age = std::max<Nanos>(0, oldest == kNever ? 0 : now - oldest);
  levels.catching_up = catching_up_;
  return levels;
}

}  // namespace loadfleet
