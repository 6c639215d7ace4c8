#include "agent/scenario/open_model.h"

#include <algorithm>
#include <utility>

#include "agent/scenario/exchange_record.h"

namespace loadfleet {
namespace {

// PACING_BATCHED starts arrivals at whole multiples of this.
constexpr Nanos kBatch = kMillisecond;

}  // namespace

OpenModelExecutor::OpenModelExecutor(const Clock& clock, const RequestTemplate& request,
                                     Stripe stripe, const OpenModelOptions& options,
                                     Transport& transport, Recorder& recorder)
    : clock_(clock),
      request_(request),
      stripe_(std::move(stripe)),
      options_(options),
      transport_(transport),
      recorder_(recorder) {}

void OpenModelExecutor::Start(Nanos t0, Nanos now) {
  t0_ = t0;
  begun_ = true;
  DropDueBefore(now, now);  // the arrivals of the time before are not this worker's to make up
}

void OpenModelExecutor::DropDueBefore(Nanos time, Nanos now) {
  while (!stripe_.Done() && t0_ + stripe_.NextTime() < time) {
    const Nanos intended = t0_ + stripe_.NextTime();
    stripe_.Take();
    const uint32_t stage = StageOf(intended);
    ++arrivals(stage).intended;
    Drop(&ArrivalCounts::dropped_fenced, stage, now - intended);
  }
}

Nanos OpenModelExecutor::Advance(Nanos now) {
  if (!overflow_.empty()) ReleaseOverflow(now);  // places may have come free by expiry
  // A catch-up mark must not outlive the backlog.
  catching_up_ = false;
  for (int starts = 0; !ended_ && !stripe_.Done(); ++starts) {
    const Nanos intended = t0_ + stripe_.NextTime();
    if (const Nanos due = DueAt(intended); due > now) return due;
    const Nanos earliest = gate_.EarliestFor(intended, now);
    if (earliest > now) {
      catching_up_ = true;
      return earliest;
    }
    if (starts == kStartsPerTurn) return now;
    stripe_.Take();
    Dispatch(intended, now);
    now = clock_.Now();  // sending takes time: the next arrival's lateness is its own
  }
  if (ended_) return kNever;
  // The load lasts as long as it was planned, whenever its last arrival was.
  const Nanos end = t0_ + stripe_.Duration();
  if (now < end) return end;
  over_ = true;
  return kNever;
}

// A response may wake the worker at any time: in batches nothing is started then either, else there
// would be as many small writes and wake-ups as with precise pacing.
Nanos OpenModelExecutor::DueAt(Nanos intended) const {
  return options_.pacing == v1::PACING_BATCHED ? (intended + kBatch - 1) / kBatch * kBatch : intended;
}

void OpenModelExecutor::Dispatch(Nanos intended, Nanos now) {
  const uint32_t stage = StageOf(intended);
  ++arrivals(stage).intended;
  if (now - intended > options_.max_lateness) {
    Drop(&ArrivalCounts::dropped_late, stage, now - intended);
    return;
  }
  const bool full = in_flight_.size() >= options_.max_in_flight;
  if (full && options_.on_overflow == v1::ON_OVERFLOW_DROP) {
    Drop(&ArrivalCounts::dropped_saturated, stage, now - intended);
    return;
  }
  gate_.Passed(now, stripe_.GapAt(intended - t0_));
  Exchange& exchange = in_flight_.Acquire();
  exchange.request = &request_;
  exchange.listener = this;
  exchange.intended = intended;
  exchange.stage = stage;
  exchange.dispatched = now;
  if (full || !overflow_.empty()) {
    overflow_.Push(exchange);
  } else {
    transport_.Send(exchange);
  }
}

void OpenModelExecutor::ReleaseOverflow(Nanos now) {
  if (releasing_) return;  // an exchange that fails at once ends up here again
  releasing_ = true;
  while (!overflow_.empty()) {
    if (now - overflow_.front().intended > options_.max_lateness) {
      OnExpired(overflow_.Pop(), now);
    } else if (in_flight_.size() - overflow_.size() < options_.max_in_flight) {
      transport_.Send(overflow_.Pop());
    } else {
      break;
    }
  }
  releasing_ = false;
}

void OpenModelExecutor::OnSent(Exchange& exchange) {
  ++on_wire_;
  ++arrivals(exchange.stage).started;
  RecordSent(stats(exchange.stage), exchange);
}

void OpenModelExecutor::OnDone(Exchange& exchange, const Result& result, Nanos now) {
  recorder_.At(now);
  exchange.sent == 0 ? ++arrivals(exchange.stage).started : --on_wire_;
  RecordDone(stats(exchange.stage), exchange, result, now);
  in_flight_.Release(exchange);
  if (!overflow_.empty()) ReleaseOverflow(now);
}

void OpenModelExecutor::OnExpired(Exchange& exchange, Nanos now) {
  Drop(ended_ ? &ArrivalCounts::dropped_fenced : &ArrivalCounts::dropped_late, exchange.stage,
       now - exchange.intended);
  in_flight_.Release(exchange);
}

void OpenModelExecutor::EndLoad(Nanos now) {
  if (ended_) return;
  ended_ = true;
  catching_up_ = false;
  while (!overflow_.empty()) OnExpired(overflow_.Pop(), now);
  if (begun_) DropDueBefore(now + 1, now);
}

void OpenModelExecutor::Drop(uint64_t ArrivalCounts::*reason, uint32_t stage, Nanos age) {
  ++(arrivals(stage).*reason);
  RecordDropped(stats(stage), age);
}

bool OpenModelExecutor::Finished() const {
  return (ended_ || over_) && in_flight_.empty();
}

ScenarioLevels OpenModelExecutor::Levels(Nanos now) const {
  ScenarioLevels levels;
  uint64_t behind = 0;
  Nanos oldest = kNever;
  if (!ended_ && !stripe_.Done() && t0_ + stripe_.NextTime() <= now) {
    behind = stripe_.DueBefore(now - t0_ + 1);
    oldest = t0_ + stripe_.NextTime();
  }
  if (in_flight_.oldest() != nullptr) oldest = std::min(oldest, in_flight_.oldest()->intended);
  levels.in_flight = on_wire_;
  levels.waiting = behind + in_flight_.size() - on_wire_;
  levels.oldest_age = oldest == kNever ? 0 : now - oldest;
  levels.catching_up = catching_up_;
  return levels;
}

}  // namespace loadfleet
