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
  explicit ReleaseGate(Nanos mean_gap) : increment_(mean_gap / 2) {}

  // When an arrival intended at `intended` may start at the earliest.
  Nanos EarliestFor(Nanos intended) const { return std::max(intended, free_at_ - kTolerance); }

  // An arrival starts at `now`.
  void Passed(Nanos now) { free_at_ = std::max(free_at_, now) + increment_; }

 private:
  // Arrivals of a stripe are not evenly spaced and a worker wakes late by a little: this much of a
  // backlog may go at once.
  static constexpr Nanos kTolerance = 5 * kMillisecond;

  Nanos increment_;
  Nanos free_at_ = 0;
};

}  // namespace loadfleet
