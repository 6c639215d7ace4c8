// One worker's part of a schedule: the arrivals whose slots it owns, in order.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

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
      : schedule_(std::move(schedule)), slots_(std::move(slots)), poisson_(poisson) {
    share_ = static_cast<long double>(slots_.size()) / kSlots;
    gap_ = GapOf(schedule_.RateAt(0));
    if (poisson_) {
      for (const uint16_t slot : slots_.slots()) owned_.set(slot);
      expected_ = slots_.empty() ? 0 : schedule_.Expected();
    } else {
      total_ = slots_.empty() ? 0 : slots_.CountBelow(schedule_.Count());
    }
    // Of a stripe without arrivals nobody waits for more.
    cut_short_ = slots_.empty() ? schedule_.limit() < UINT64_MAX
                                : !poisson_ && schedule_.Count() == schedule_.limit();
    Locate();
  }

  bool Done() const { return done_; }

  // The next arrival: its index in the whole schedule and its time. Not when Done().
  uint64_t NextIndex() const { return next_index_; }
  Nanos NextTime() const { return next_time_; }

  void Take() {
    ++taken_;
    Locate();
  }

  // When the whole schedule ends: its last arrival lies before, often by a gap.
  Nanos Duration() const { return schedule_.duration(); }
  // When Done(): the schedule's limit has ended it, before its time.
  bool CutShort() const { return cut_short_; }

  // How many arrivals of this stripe lie before `time` and have not been taken.
  uint64_t DueBefore(Nanos time) const {
    if (done_) return 0;
    if (!poisson_) return slots_.CountBelow(schedule_.CountBefore(time)) - taken_;
    Stripe walker = *this;
    while (!walker.done_ && walker.next_time_ < time) walker.Take();
    return walker.taken_ - taken_;
  }

  // The mean time between two arrivals of this stripe at `time`; the whole duration when there are
  // none then.
  Nanos GapAt(Nanos time) const {
    return schedule_.constant() ? gap_ : GapOf(schedule_.RateAt(time));
  }

 private:
  Nanos GapOf(long double rate) const {
    const long double own = rate * share_;
    const auto longest = static_cast<long double>(schedule_.duration());
    if (own * longest <= static_cast<long double>(kSecond)) return schedule_.duration();
    return static_cast<Nanos>(static_cast<long double>(kSecond) / own);
  }

  void Locate() {
    if (!poisson_) {
      done_ = taken_ >= total_;
      if (done_) return;
      next_index_ = slots_.IndexAt(taken_);
      next_time_ = schedule_.TimeOf(next_index_);
      return;
    }
    long double at = 0;
    do {
      at = poisson_->Next();
      next_index_ = drawn_++;
    } while (at < expected_ && next_index_ < schedule_.limit() &&
             !owned_.test(next_index_ % kSlots));
    cut_short_ = cut_short_ || next_index_ >= schedule_.limit();
    done_ = at >= expected_ || cut_short_;
    if (!done_) next_time_ = schedule_.TimeAt(at);
  }

  ArrivalSchedule schedule_;
  SlotSet slots_;
  std::optional<PoissonArrivals> poisson_;
  std::bitset<kSlots> owned_;  // for Poisson arrivals
  long double expected_ = 0;   // likewise: operational time at the end
  long double share_ = 0;      // of all slots
  Nanos gap_ = 0;              // of a constant rate
  uint64_t total_ = 0;
  uint64_t taken_ = 0;
  uint64_t drawn_ = 0;
  uint64_t next_index_ = 0;
  Nanos next_time_ = 0;
  bool done_ = false;
  bool cut_short_ = false;
};

}  // namespace loadfleet
