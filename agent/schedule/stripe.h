// One worker's part of a schedule: the arrivals whose slots it owns, in order.
#pragma once

#include <cstdint>
#include <utility>

#include "agent/schedule/arrival_schedule.h"
#include "common/slots.h"

namespace loadfleet {

// A cursor. Not thread-safe.
class Stripe {
 public:
  Stripe(ArrivalSchedule schedule, SlotSet slots) : schedule_(schedule), slots_(std::move(slots)) {
    total_ = slots_.empty() ? 0 : slots_.CountBelow(schedule_.Count());
    Locate();
  }

  uint64_t Total() const { return total_; }
  uint64_t Taken() const { return next_; }
  bool Done() const { return next_ >= total_; }

  // The next arrival: its index in the whole schedule and its time. Not when Done().
  uint64_t NextIndex() const { return next_index_; }
  Nanos NextTime() const { return next_time_; }

  void Take() {
    ++next_;
    Locate();
  }

  // When the whole schedule ends: its last arrival lies before, often by a gap.
  Nanos Duration() const { return schedule_.duration(); }

  // How many arrivals of this stripe lie before `time`.
  uint64_t DueBefore(Nanos time) const {
    return slots_.empty() ? 0 : slots_.CountBelow(schedule_.CountBefore(time));
  }

  // The mean time between two arrivals of this stripe; the whole duration when there is at most
  // one.
  Nanos MeanGap() const {
    return total_ < 2 ? schedule_.duration() : schedule_.duration() / static_cast<Nanos>(total_);
  }

 private:
  void Locate() {
    if (Done()) return;
    next_index_ = slots_.IndexAt(next_);
    next_time_ = schedule_.TimeOf(next_index_);
  }

  ArrivalSchedule schedule_;
  SlotSet slots_;
  uint64_t total_ = 0;
  uint64_t next_ = 0;
  uint64_t next_index_ = 0;
  Nanos next_time_ = 0;
};

}  // namespace loadfleet
