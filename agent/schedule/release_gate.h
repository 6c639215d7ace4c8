// How fast a backlog may be worked off: at no more than twice the stripe's rate, so that a
// generator that was late does not hit the target with a burst that nobody planned.
//
// Source: the generic cell rate algorithm (ITU-T I.371, annex A) with an increment of half the mean
// gap. Arrivals that start on time never meet it.
#pragma once

#include <algorithm>

#include "common/clock.h"

namespace loadfleet {

class ReleaseGate {
 public:
  // When an arrival intended at `intended` may start at the earliest. One that is on time at `now`
  // passes: a stripe's gaps may be uneven, and its schedule stands.
  Nanos EarliestFor(Nanos intended, Nanos now) const {
    if (now - intended <= kTolerance) return intended;
    return std::max(intended, free_at_ - kTolerance);
  }

  // An arrival starts at `now`; `gap` is the stripe's mean gap at its intended time.
  void Passed(Nanos now, Nanos gap) { free_at_ = std::max(free_at_, now) + gap / 2; }

 private:
  // A worker wakes late by a little: this much of a backlog may go at once.
  static constexpr Nanos kTolerance = 5 * kMillisecond;

  Nanos free_at_ = 0;
};

}  // namespace loadfleet
