#include "agent/scenario/closed_model.h"

#include <algorithm>
#include <utility>

#include "agent/scenario/exchange_record.h"

namespace loadfleet {
namespace {

constexpr Nanos kFirstBackoff = 10 * kMillisecond;
constexpr Nanos kLastBackoff = kSecond;

}  // namespace

ClosedModelExecutor::ClosedModelExecutor(const Clock& clock, DeadlineWheel& wheel,
                                         const RequestTemplate& request, SlotSet slots, VuPlan plan,
                                         Transport& transport, Recorder& recorder)
    : clock_(clock),
      wheel_(wheel),
      request_(request),
      slots_(std::move(slots)),
      plan_(std::move(plan)),
      transport_(transport),
      recorder_(recorder),
      vus_(slots_.CountBelow(plan_.vus)) {
  remaining_ = plan_.iterations == 0 ? UINT64_MAX : 0;
  for (size_t i = 0; i < vus_.size(); ++i) {
    vus_[i].executor = this;
    vus_[i].request = &request_;
    vus_[i].listener = this;
    vus_[i].index = i;
    if (plan_.iterations == 0) continue;
    vus_[i].left = plan_.QuotaOf(slots_.IndexAt(i));
    remaining_ += vus_[i].left;
  }
}

void ClosedModelExecutor::Start(Nanos t0, Nanos now) {
  t0_ = t0;
  begin_ = std::max(t0, now);
  end_ = t0 + plan_.duration;
  next_change_ = begin_;
}

Nanos ClosedModelExecutor::Advance(Nanos now) {
  if (ended_) return kNever;
  if (now >= end_) {
    EndLoad(now);
    return kNever;
  }
  if (now < begin_) return begin_;
  if (remaining_ == 0) {
    over_ = true;
    return kNever;
  }
  if (now >= next_change_) SetActive(now);
  for (int starts = 0; begun_ < active_; ++starts) {
    if (starts == kStartsPerTurn) return now;
    Vu& vu = vus_[begun_++];
    // One that was sent home may not have got there yet, or waits out a failure: it goes on by
    // itself.
    if (!vu.busy && vu.deadline() == DeadlineWheel::kNever) Begin(vu, clock_.Now());
  }
  return std::min(end_, next_change_);
}

void ClosedModelExecutor::SetActive(Nanos now) {
  if (!plan_.active) {
    active_ = vus_.size();
    next_change_ = kNever;
    return;
  }
  const uint64_t active = plan_.active->WholeAt(now - t0_);
  active_ = slots_.empty() ? 0 : static_cast<size_t>(slots_.CountBelow(active));
  begun_ = std::min(begun_, active_);
  const Nanos next = plan_.active->NextStep(now - t0_);
  next_change_ = next == kNever ? kNever : t0_ + next;
}

// False: none is left for it.
bool ClosedModelExecutor::TakeIteration(Vu& vu) {
  if (remaining_ == UINT64_MAX) return true;
  if (remaining_ == 0 || (!plan_.shared && vu.left == 0)) return false;
  --remaining_;
  if (!plan_.shared) --vu.left;
  return true;
}

void ClosedModelExecutor::Begin(Vu& vu, Nanos now) {
  if (ended_ || now >= end_ || vu.index >= active_ || !TakeIteration(vu)) return;
  vu.busy = true;
  ++busy_;
  vu.intended = now;
  vu.stage = request_.StageAt(now - t0_);
  ++arrivals(vu.stage).intended;
  vu.dispatched = now;
  vu.sent = 0;
  vu.resent = false;
  transport_.Send(vu);
}

void ClosedModelExecutor::OnSent(Exchange& exchange) {
  ++on_wire_;
  ++arrivals(exchange.stage).started;
  RecordSent(stats(exchange.stage), exchange);
}

void ClosedModelExecutor::OnDone(Exchange& exchange, const Result& result, Nanos now) {
  recorder_.At(now);
  exchange.sent == 0 ? ++arrivals(exchange.stage).started : --on_wire_;
  RecordDone(stats(exchange.stage), exchange, result, now);
  End(static_cast<Vu&>(exchange), HasResponse(result.outcome), now);
}

void ClosedModelExecutor::OnExpired(Exchange& exchange, Nanos now) {
  ArrivalCounts& counts = arrivals(exchange.stage);
  ++(ended_ ? counts.dropped_fenced : counts.dropped_late);
  RecordDropped(stats(exchange.stage), now - exchange.intended);
  End(static_cast<Vu&>(exchange), false, now);
}

void ClosedModelExecutor::End(Vu& vu, bool answered, Nanos now) {
  vu.busy = false;
  --busy_;
  if (answered) {
    vu.backoff = 0;
    Begin(vu, now);
    return;
  }
  // A target that refuses at once must not be hammered, and the stack must not grow with each
  // refusal.
  vu.backoff = vu.backoff == 0 ? kFirstBackoff : std::min(2 * vu.backoff, kLastBackoff);
  wheel_.Set(vu, now + vu.backoff);
}

void ClosedModelExecutor::EndLoad(Nanos /*now*/) {
  ended_ = true;
}

bool ClosedModelExecutor::Finished() const {
  return (ended_ || over_) && busy_ == 0;
}

ScenarioLevels ClosedModelExecutor::Levels(Nanos now) const {
  ScenarioLevels levels;
  levels.in_flight = on_wire_;
  levels.waiting = busy_ - on_wire_;
  for (const Vu& vu : vus_) {
    if (vu.busy) levels.oldest_age = std::max(levels.oldest_age, now - vu.intended);
  }
  return levels;
}

}  // namespace loadfleet
