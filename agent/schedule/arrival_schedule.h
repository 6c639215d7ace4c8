// When the n-th arrival is. A pure function of the plan: no clock, no response and no other arrival
// can move it.
#pragma once

#include <cstdint>

#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Times are run time: nanoseconds since T0. Immutable.
class ArrivalSchedule {
 public:
  // Arrival n at n * period / count, for every n whose time is below the duration. Exact integer
  // arithmetic: after a month at any rate the n-th arrival is still on its nanosecond.
  static ArrivalSchedule Constant(const v1::Rate& rate, Nanos duration);

  uint64_t Count() const { return count_; }
  Nanos TimeOf(uint64_t n) const;

  // How many arrivals lie before `time`; never more than Count().
  uint64_t CountBefore(Nanos time) const;

  Nanos duration() const { return duration_; }

 private:
  ArrivalSchedule(uint64_t per_period, Nanos period, Nanos duration);

  uint64_t per_period_;
  Nanos period_;
  Nanos duration_;
  uint64_t count_ = 0;
};

}  // namespace loadfleet
