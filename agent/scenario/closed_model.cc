#include "agent/scenario/closed_model.h"

#include <algorithm>

#include "agent/scenario/exchange_record.h"

namespace loadfleet {
namespace {

constexpr Nanos kFirstBackoff = 10 * kMillisecond;
constexpr Nanos kLastBackoff = kSecond;

}  // namespace

ClosedModelExecutor::ClosedModelExecutor(const Clock& clock, DeadlineWheel& wheel,
                                         const RequestTemplate& request, const SlotSet& slots,
                                         uint64_t vus, Nanos duration, Transport& transport,
                                         Recorder& recorder)
    : clock_(clock),
      wheel_(wheel),
      request_(request),
      duration_(duration),
      transport_(transport),
      recorder_(recorder),
      vus_(slots.CountBelow(vus)) {
  for (size_t i = 0; i < vus_.size(); ++i) {
    vus_[i].executor = this;
    vus_[i].request = &request_;
    vus_[i].listener = this;
  }
}

void ClosedModelExecutor::Start(Nanos t0, Nanos now) {
  begin_ = std::max(t0, now);
  end_ = t0 + duration_;
}

Nanos ClosedModelExecutor::Advance(Nanos now) {
  if (ended_) return kNever;
  if (now >= end_) {
    EndLoad(now);
    return kNever;
  }
  if (now < begin_) return begin_;
  for (int starts = 0; begun_ < vus_.size(); ++starts) {
    if (starts == kStartsPerTurn) return now;
    Begin(vus_[begun_++], clock_.Now());
  }
  return end_;
}

void ClosedModelExecutor::Begin(Vu& vu, Nanos now) {
  if (ended_ || now >= end_) return;
  vu.busy = true;
  ++busy_;
  ++arrivals().intended;
  vu.intended = now;
  vu.dispatched = now;
  vu.sent = 0;
  vu.resent = false;
  transport_.Send(vu);
}

void ClosedModelExecutor::OnSent(Exchange& exchange) {
  ++on_wire_;
  ++arrivals().started;
  RecordSent(stats(), exchange);
}

void ClosedModelExecutor::OnDone(Exchange& exchange, const Result& result, Nanos now) {
  recorder_.At(now);
  exchange.sent == 0 ? ++arrivals().started : --on_wire_;
  RecordDone(stats(), exchange, result, now);
  End(static_cast<Vu&>(exchange), HasResponse(result.outcome), now);
}

void ClosedModelExecutor::OnExpired(Exchange& exchange, Nanos now) {
  ++(ended_ ? arrivals().dropped_fenced : arrivals().dropped_late);
  RecordDropped(stats(), now - exchange.intended);
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
  return ended_ && busy_ == 0;
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
