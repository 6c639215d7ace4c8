// One worker's part of a schedule: the arrivals whose slots it owns, in order.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "agent/schedule/holdings.h"
#include "common/schedule/arrival_schedule.h"
#include "common/schedule/poisson_arrivals.h"
#include "common/slots.h"

namespace loadfleet {

// A cursor. Not thread-safe.
class Stripe {
 public:
  // With `poisson` the arrivals are where it says, in the schedule's operational time: every stripe
  // draws them all (some 10 ns each) and takes its own.
  Stripe(ArrivalSchedule schedule, SlotSet slots,
         std::optional<PoissonArrivals> poisson = std::nullopt)
      : schedule_(std::move(schedule)), poisson_(poisson), first_draw_(poisson) {
    if (poisson_) {
      decided_ = Drawn{*poisson_, 0};
      expected_ = schedule_.Expected();
    }
    Hold(std::move(slots), 0);
    Locate();
  }

  // Its slots from some time on, which must lie beyond everything that has been taken.
  void Reassign(const Reassignment& change) {
    later_.Add(slots_, change);
    if (poisson_) {
      Rewind();
    } else {
      held_end_ = slots_.CountBelow(HeldBelow());
    }
    Locate();
  }
  // Those that it will have in the end.
  const SlotSet& slots() const { return later_.InTheEnd(slots_); }

  // What `slots` have from `from` on, in the same schedule.
  Stripe Of(SlotSet slots, Nanos from) const {
    Stripe stripe(schedule_, SlotSet(), first_draw_);
    stripe.Reassign({std::move(slots), from, from});
    return stripe;
  }

  bool Done() const { return done_; }

  // The next arrival: its index in the whole schedule and its time. Not when Done().
  uint64_t NextIndex() const { return next_index_; }
  Nanos NextTime() const { return next_time_; }

  void Take() {
    ++taken_;
    ++held_;
    if (poisson_) decided_ = Drawn{*poisson_, drawn_};
    Locate();
  }

  // When the whole schedule ends: its last arrival lies before, often by a gap.
  Nanos Duration() const {
    const bool limited = !poisson_ && schedule_.Count() == schedule_.limit();
    return limited ? schedule_.TimeOf(schedule_.limit() - 1) + 1 : schedule_.duration();
  }
  // When Done(): the schedule's limit has ended it, before its time.
  bool CutShort() const { return cut_short_; }

  // How many arrivals of this stripe lie before `time` and have not been taken.
  uint64_t DueBefore(Nanos time) const {
    if (done_) return 0;
    if (poisson_) {
      Stripe walker = *this;
      while (!walker.done_ && walker.next_time_ < time) walker.Take();
      return walker.taken_ - taken_;
    }
    const uint64_t until = schedule_.CountBefore(time);
    uint64_t due = std::min(slots_.CountBelow(until), held_end_) - held_;
    for (auto holding = later_.begin(); holding != later_.end(); ++holding) {
      const auto next = std::next(holding);
      const uint64_t begin = schedule_.CountBefore(holding->from);
      const uint64_t end = next == later_.end() ? until : schedule_.CountBefore(next->from);
      if (begin >= until) break;
      due += holding->slots.CountBelow(std::min(until, end)) - holding->slots.CountBelow(begin);
    }
    return due;
  }

  // The mean time between two arrivals of this stripe at `time`; the whole duration when there are
  // none then.
  Nanos GapAt(Nanos time) const {
    return schedule_.constant() ? gap_ : GapOf(schedule_.RateAt(time));
  }

 private:
  Nanos GapOf(long double rate) const {
    const long double own = rate * static_cast<long double>(slots_.size()) / kSlots;
    const auto longest = static_cast<long double>(schedule_.duration());
    if (own * longest <= static_cast<long double>(kSecond)) return schedule_.duration();
    return static_cast<Nanos>(static_cast<long double>(kSecond) / own);
  }

  // These are its slots for the arrivals from index `first` on.
  void Hold(SlotSet slots, uint64_t first) {
    slots_ = std::move(slots);
    gap_ = GapOf(schedule_.RateAt(0));
    if (poisson_) {
      owned_.reset();
      for (const uint16_t slot : slots_.slots()) owned_.set(slot);
    } else {
      held_ = slots_.CountBelow(first);
      held_end_ = slots_.CountBelow(HeldBelow());
      cut_short_ = !slots_.empty() && schedule_.Count() == schedule_.limit();
    }
  }

  // The first index that the slots of now do not decide any more.
  uint64_t HeldBelow() const {
    return later_.empty() ? schedule_.Count() : schedule_.CountBefore(later_.next().from);
  }

  void Locate() { poisson_ ? Draw() : Count(); }

  void Count() {
    while (held_ >= held_end_ && !later_.empty()) {
      const uint64_t first = HeldBelow();
      Hold(later_.PopNext(), first);
    }
    done_ = held_ >= held_end_;
    if (done_) return;
    next_index_ = slots_.IndexAt(held_);
    next_time_ = schedule_.TimeOf(next_index_);
  }

  void Draw() {
    long double at = 0;
    do {
      // Without slots it draws when it gets some.
      done_ = slots_.empty() && later_.empty();
      cut_short_ = done_ && schedule_.limit() < UINT64_MAX;
      if (done_) return;
      const PoissonArrivals before = *poisson_;
      at = poisson_->Next();
      next_index_ = drawn_++;
      while (!later_.empty() && schedule_.TimeAt(at) >= later_.next().from) {
        Hold(later_.PopNext(), next_index_);
        decided_ = {before, next_index_};
      }
      cut_short_ = next_index_ >= schedule_.limit();
      done_ = at >= expected_ || cut_short_;
    } while (!done_ && !owned_.test(next_index_ % kSlots));
    if (!done_) next_time_ = schedule_.TimeAt(at);
  }

  // Back to the first arrival that is neither taken nor was due before the slots of now.
  void Rewind() {
    poisson_ = decided_->arrivals;
    drawn_ = decided_->drawn;
  }

  struct Drawn {
    PoissonArrivals arrivals;
    uint64_t drawn = 0;
  };

  ArrivalSchedule schedule_;
  SlotSet slots_;
  Holdings later_;
  std::optional<PoissonArrivals> poisson_;
  std::optional<PoissonArrivals> first_draw_;  // for Poisson arrivals: as they begin
  std::optional<Drawn> decided_;               // likewise: behind these nothing changes any more
  std::bitset<kSlots> owned_;                  // likewise
  long double expected_ = 0;                   // likewise: operational time at the end
  Nanos gap_ = 0;                              // of a constant rate
  uint64_t held_ = 0;      // else: how many of slots_' indices lie before the next arrival
  uint64_t held_end_ = 0;  // likewise: how many of them these slots decide
  uint64_t taken_ = 0;
  uint64_t drawn_ = 0;
  uint64_t next_index_ = 0;
  Nanos next_time_ = 0;
  bool done_ = false;
  bool cut_short_ = false;
};

}  // namespace loadfleet
