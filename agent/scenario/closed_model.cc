#include "agent/scenario/closed_model.h"

#include <algorithm>
#include <bitset>
#include <utility>

#include "agent/scenario/exchange_record.h"

namespace loadfleet {

ClosedModelExecutor::ClosedModelExecutor(const Clock& clock, DeadlineWheel& wheel,
                                         const ScenarioFlows& flows, SlotSet slots, VuPlan plan,
                                         absl::Span<Transport* const> transports,
                                         Recorder& recorder, Destinations* destinations)
    : clock_(clock),
      wheel_(wheel),
      slots_(slots),
      at_first_(std::move(slots)),
      plan_(std::move(plan)),
      recorder_(recorder),
      walker_(clock, flows, transports, recorder, destinations) {
  remaining_ = plan_.counted() ? 0 : UINT64_MAX;
  shared_by_ = slots_.CountBelow(plan_.vus);
  for (uint64_t i = 0; i < shared_by_; ++i) {
    Add(slots_.IndexAt(i));
    if (!plan_.counted()) continue;
    vus_.back()->left = plan_.QuotaOf(slots_.IndexAt(i));
    remaining_ += vus_.back()->left;
  }
}

void ClosedModelExecutor::Add(uint64_t number) {
  Vu& vu = storage_.emplace_back();
  vu.executor = this;
  vu.listener = this;
  vu.first = number + 1;
  vus_.push_back(&vu);
  ++owned_;
}

void ClosedModelExecutor::Start(Nanos t0, Nanos now) {
  t0_ = t0;
  walker_.Start(t0);
  begin_ = std::max(t0, now);
  end_ = t0 + plan_.duration;
  next_change_ = begin_;
}

Nanos ClosedModelExecutor::Advance(Nanos now) {
  if (ended_) return kNever;
  if (now < begin_) return begin_;
  if (now >= end_ || remaining_ == 0 || (stopped_ > 0 && stopped_ == owned_)) over_ = true;
  while (!later_.empty() && now >= later_.next().from) Hold(later_.PopNext());
  int starts = 0;
  if (std::min(walker_.NextDue(), paced_.next()) <= now && !StartDue(&starts)) return now;
  Nanos next = kNever;
  if (!over_ && (fenced_ || now < start_from_)) {
    next = fenced_ ? end_ : std::min(start_from_, end_);
  } else if (!over_) {
    next = StartVus(now, &starts);
  }
  return std::min({next, walker_.NextDue(), paced_.next()});
}

// Iterations that have thought enough, and VUs that have waited out their pace. False: there are
// more than one turn takes.
bool ClosedModelExecutor::StartDue(int* starts) {
  Nanos now = clock_.Now();
  while (walker_.NextDue() <= now || paced_.next() <= now) {
    if (++*starts > kStartsPerTurn) return false;
    if (walker_.NextDue() <= paced_.next()) {
      auto& vu = static_cast<Vu&>(walker_.PopDue());
      if (walker_.Resume(vu, now)) Over(vu, now);
    } else {
      const Nanos due = paced_.next();
      auto& vu = static_cast<Vu&>(paced_.Pop());
      vu.paced = false;
      Begin(vu, due, now);
    }
    now = clock_.Now();  // sending takes time: the next one's lateness is its own
  }
  return true;
}

Nanos ClosedModelExecutor::StartVus(Nanos now, int* starts) {
  if (now >= next_change_) SetActive(now);
  for (; begun_ < vus_.size() && vus_[begun_]->first <= active_; ++*starts) {
    if (*starts >= kStartsPerTurn) return now;
    Vu& vu = *vus_[begun_++];
    // One that was sent home may not have got there yet, or waits out a failure or its pace: it
    // goes on by itself.
    if (vu.busy || vu.paced || vu.deadline() != DeadlineWheel::kNever) continue;
    const Nanos at = clock_.Now();
    Begin(vu, at, at);
  }
  return std::min({end_, next_change_, later_.empty() ? kNever : later_.next().from});
}

void ClosedModelExecutor::SetActive(Nanos now) {
  if (!plan_.active) {
    active_ = plan_.vus;
    next_change_ = kNever;
    return;
  }
  active_ = plan_.active->WholeAt(now - t0_);
  while (begun_ > 0 && vus_[begun_ - 1]->first > active_) --begun_;
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

void ClosedModelExecutor::Begin(Vu& vu, Nanos intended, Nanos now) {
  if (ended_ || fenced_ || now < start_from_ || now >= end_) return;
  if (!vu.owned || vu.stopped || vu.first > active_ || !TakeIteration(vu)) return;
  vu.busy = true;
  ++busy_;
  ++walker_.arrivals(intended).intended;
  vu.number = vu.first - 1 + vu.second * plan_.vus;
  if (plan_.shared) vu.number = plan_.SharedNumber(shared_taken_++, at_first_, shared_by_);
  ++vu.second;
  walker_.Prepare(vu, intended, now);
  if (walker_.Begin(vu)) Over(vu, now);
}

void ClosedModelExecutor::OnSent(Exchange& exchange) {
  walker_.OnSent(exchange);
}

void ClosedModelExecutor::OnDone(Exchange& exchange, const Result& result, Nanos now) {
  recorder_.At(now);
  auto& vu = static_cast<Vu&>(exchange);
  if (walker_.OnDone(vu, result, now)) Over(vu, now);
}

void ClosedModelExecutor::OnExpired(Exchange& exchange, Nanos now) {
  auto& vu = static_cast<Vu&>(exchange);
  if (walker_.OnExpired(vu, now)) Over(vu, now);
}

void ClosedModelExecutor::Over(Vu& vu, Nanos now) {
  vu.busy = false;
  --busy_;
  if (vu.ending == Ending::kDropped) {
    ArrivalCounts& counts = walker_.arrivals(vu.arrival);
    ++(ended_ || fenced_ ? counts.dropped_fenced : counts.dropped_late);
    RecordDropped(walker_.stats(vu), now - vu.arrival);
  }
  if (vu.ending == Ending::kFailed && vu.program->on_error == v1::Flow::ON_ERROR_STOP_VU) {
    StopForGood(vu);
    return;
  }
  const Nanos next = vu.arrival + plan_.pace;
  // A target that refuses at once must not be hammered, and the stack must not grow with each
  // refusal.
  if (!vu.answered && (vu.step_failed || vu.ready == vu.arrival)) {
    vu.pause = NextBackoff(vu.pause);
    wheel_.Set(vu, std::max(next, now + vu.pause));
    return;
  }
  vu.pause = 0;
  if (next <= now) return Begin(vu, now, now);
  vu.paced = true;
  paced_.Push(next, vu);
}

void ClosedModelExecutor::StopForGood(Vu& vu) {
  vu.stopped = true;
  if (vu.owned) ++stopped_;
  if (remaining_ == UINT64_MAX || plan_.shared) return;
  remaining_ -= std::exchange(vu.left, 0);  // nobody else does them
}

void ClosedModelExecutor::Fence(Nanos now) {
  fenced_ = true;
  Halt(now);
}

Nanos ClosedModelExecutor::Adjust(const Reassignment& change, Nanos now) {
  if (ended_ || over_) return change.lost_from;
  if (fenced_) {
    fenced_ = false;
    walker_.Unfence();
    start_from_ = change.gained_from;
    begun_ = 0;
    next_change_ = now;
  }
  const bool loses = !later_.InTheEnd(slots_).Without(change.slots).empty();
  const Nanos lost_from = loses ? std::max(change.lost_from, now) : change.lost_from;
  later_.Add(slots_, {change.slots, std::max(change.gained_from, now), lost_from});
  return lost_from;
}

// These are its slots from now on: VUs that stay go on as if nothing had happened.
void ClosedModelExecutor::Hold(SlotSet slots) {
  slots_ = std::move(slots);
  std::bitset<kSlots> held;
  for (const uint16_t slot : slots_.slots()) held.set(slot);
  owned_ = stopped_ = 0;
  for (Vu* vu : vus_) {
    vu->owned = held.test((vu->first - 1) % kSlots);
    if (vu->owned) {
      ++owned_;
      if (vu->stopped) ++stopped_;
    } else if (plan_.counted() && !plan_.shared) {
      remaining_ -= std::exchange(vu->left, 0);  // nobody else does them
    }
  }
  if (plan_.counted()) {
    if (owned_ == 0) remaining_ = 0;
    return;
  }
  const auto known = static_cast<std::ptrdiff_t>(vus_.size());
  for (uint64_t i = 0; i < slots_.CountBelow(plan_.vus); ++i) {
    const uint64_t number = slots_.IndexAt(i);
    const auto at =
        std::lower_bound(vus_.begin(), vus_.begin() + known, number + 1,
                         [](const Vu* vu, uint64_t first) { return vu->first < first; });
    if (at == vus_.begin() + known || (*at)->first != number + 1) Add(number);
  }
  std::inplace_merge(vus_.begin(), vus_.begin() + known, vus_.end(),
                     [](const Vu* a, const Vu* b) { return a->first < b->first; });
  begun_ = 0;  // those that are at it already are passed over
}

void ClosedModelExecutor::EndLoad(Nanos now) {
  if (ended_) return;
  ended_ = true;
  Halt(now);
}

void ClosedModelExecutor::Halt(Nanos now) {
  walker_.Fence();
  while (walker_.AnyThinking()) {
    auto& vu = static_cast<Vu&>(walker_.PopDue());
    walker_.Interrupt(vu, now);
    Over(vu, now);
  }
}

bool ClosedModelExecutor::Finished() const {
  return (ended_ || over_) && busy_ == 0;
}

ScenarioLevels ClosedModelExecutor::Levels(Nanos now) const {
  ScenarioLevels levels;
  levels.in_flight = walker_.on_wire();
  levels.waiting = busy_ - walker_.on_wire() - walker_.thinking();
  for (const Vu* vu : vus_) {
    if (vu->busy) levels.oldest_age = std::max(levels.oldest_age, now - vu->ready);
  }
  return levels;
}

}  // namespace loadfleet
