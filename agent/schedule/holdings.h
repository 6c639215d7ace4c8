// Which slots somebody has from when on, as one epoch follows another.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>

#include "common/clock.h"
#include "common/slots.h"

namespace loadfleet {

// A new epoch, for one owner and in whatever time that counts in. What it keeps it has throughout.
struct Reassignment {
  SlotSet slots;
  Nanos gained_from = 0;  // of what was not there before
  Nanos lost_from = 0;    // of what is no longer there: up to here it is still this owner's
};

struct Holding {
  Nanos from = 0;
  SlotSet slots;
};

// Those to come, in the order of time. One thread only.
class Holdings {
 public:
  // `now_held` is what is held before the first of them. A change cannot come before the one that
  // was ordered before it.
  void Add(const SlotSet& now_held, const Reassignment& change) {
    const SlotSet& before = InTheEnd(now_held);
    const SlotSet kept = before.Without(before.Without(change.slots));
    Nanos gained_from = std::max(change.gained_from, newest_);
    Nanos lost_from = std::max(change.lost_from, newest_);
    if (kept.size() == before.size() && kept.size() == change.slots.size()) return;
    // Of what there is none has no say: its time may be long past.
    if (kept.size() == before.size()) lost_from = gained_from;
    if (kept.size() == change.slots.size()) gained_from = lost_from;
    newest_ = std::max(gained_from, lost_from);
    if (gained_from < lost_from) {
      later_.push_back({gained_from, before.With(change.slots)});
    } else if (lost_from < gained_from) {
      later_.push_back({lost_from, kept});
    }
    later_.push_back({newest_, change.slots});
  }

  bool empty() const { return later_.empty(); }
  // Not when empty.
  const Holding& next() const { return later_.front(); }
  SlotSet PopNext() {
    SlotSet slots = std::move(later_.front().slots);
    later_.pop_front();
    return slots;
  }

  std::deque<Holding>::const_iterator begin() const { return later_.begin(); }
  std::deque<Holding>::const_iterator end() const { return later_.end(); }
  // After the last of them.
  const SlotSet& InTheEnd(const SlotSet& now_held) const {
    return later_.empty() ? now_held : later_.back().slots;
  }

 private:
  std::deque<Holding> later_;
  Nanos newest_ = INT64_MIN;  // the last one's begin
};

}  // namespace loadfleet
