#include "agent/scenario/open_model.h"

#include <algorithm>
#include <utility>

#include "agent/scenario/exchange_record.h"

namespace loadfleet {
namespace {

// PACING_BATCHED wakes at whole multiples of this.
constexpr Nanos kBatch = kMillisecond;

// Started without a look at the sockets: a worker that is behind goes on reading responses, lest
// its own backlog counts as the target's service time.
constexpr int kStartsPerTurn = 64;

}  // namespace

OpenModelExecutor::OpenModelExecutor(const Clock& clock, const RequestTemplate& request,
                                     Stripe stripe, const OpenModelOptions& options,
                                     Transport& transport, Recorder& recorder)
    : clock_(clock),
      request_(request),
      stripe_(std::move(stripe)),
      options_(options),
      transport_(transport),
      recorder_(recorder),
      gate_(stripe_.MeanGap()) {}

void OpenModelExecutor::Start(Nanos t0, Nanos now) {
  t0_ = t0;
  begun_ = true;
  // The arrivals of the time before are not this worker's to make up; they count as intended and
  // fenced.
  const uint64_t missed = stripe_.SkipTo(now - t0);
  arrivals().intended += missed;
  arrivals().dropped_fenced += missed;
}

Nanos OpenModelExecutor::Advance(Nanos now) {
  // A catch-up mark must not outlive the backlog.
  catching_up_ = false;
  for (int starts = 0; !ended_ && !stripe_.Done(); ++starts) {
    const Nanos intended = t0_ + stripe_.NextTime();
    if (intended > now) {
      return options_.pacing == v1::PACING_BATCHED ? (intended / kBatch + 1) * kBatch : intended;
    }
    const Nanos earliest = gate_.EarliestFor(intended);
    if (earliest > now) {
      catching_up_ = true;
      return earliest;
    }
    if (starts == kStartsPerTurn) return now;
    stripe_.Take();
    ++arrivals().intended;
    Dispatch(intended, now);
    now = clock_.Now();  // sending takes time: the next arrival's lateness is its own
  }
  return kNever;
}

void OpenModelExecutor::Dispatch(Nanos intended, Nanos now) {
  if (now - intended > options_.max_lateness) {
    Drop(&ArrivalCounts::dropped_late, intended, now);
    return;
  }
  const bool full = in_flight_.size() >= options_.max_in_flight;
  if (full && options_.on_overflow == v1::ON_OVERFLOW_DROP) {
    Drop(&ArrivalCounts::dropped_saturated, intended, now);
    return;
  }
  gate_.Passed(now);
  Exchange& exchange = in_flight_.Acquire();
  exchange.request = &request_;
  exchange.listener = this;
  exchange.index = stripe_.Taken();
  exchange.intended = intended;
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
  ++arrivals().started;
  RecordSent(stats(), exchange);
}

void OpenModelExecutor::OnDone(Exchange& exchange, const Result& result, Nanos now) {
  recorder_.At(now);
  if (exchange.sent == 0) ++arrivals().started;
  RecordDone(stats(), exchange, result, now);
  in_flight_.Release(exchange);
  if (!overflow_.empty()) ReleaseOverflow(now);
}

void OpenModelExecutor::OnExpired(Exchange& exchange, Nanos now) {
  Drop(ended_ ? &ArrivalCounts::dropped_fenced : &ArrivalCounts::dropped_late, exchange.intended,
       now);
  in_flight_.Release(exchange);
}

void OpenModelExecutor::EndLoad(Nanos now) {
  if (ended_) return;
  ended_ = true;
  catching_up_ = false;
  while (begun_ && !stripe_.Done() && t0_ + stripe_.NextTime() <= now) {
    const Nanos intended = t0_ + stripe_.NextTime();
    stripe_.Take();
    ++arrivals().intended;
    Drop(&ArrivalCounts::dropped_fenced, intended, now);
  }
}

void OpenModelExecutor::Drop(uint64_t ArrivalCounts::*reason, Nanos intended, Nanos now) {
  ++(arrivals().*reason);
  RecordDropped(stats(), now - intended);
}

bool OpenModelExecutor::Finished() const {
  return (ended_ || stripe_.Done()) && in_flight_.empty();
}

ScenarioLevels OpenModelExecutor::Levels(Nanos now) const {
  ScenarioLevels levels;
  uint64_t behind = 0;
  Nanos oldest = kNever;
  if (!ended_ && !stripe_.Done() && t0_ + stripe_.NextTime() <= now) {
    behind = stripe_.DueBefore(now - t0_ + 1) - stripe_.Taken();
    oldest = t0_ + stripe_.NextTime();
  }
  if (in_flight_.oldest() != nullptr) oldest = std::min(oldest, in_flight_.oldest()->intended);
  levels.in_flight = in_flight_.size();
  levels.waiting = behind;
  levels.oldest_age = oldest == kNever ? 0 : now - oldest;
  levels.catching_up = catching_up_;
  return levels;
}

}  // namespace loadfleet
