// When the n-th arrival is. A pure function of the plan: no clock, no response and no other arrival
// can move it.
#pragma once

#include <cstdint>
#include <optional>

#include "common/clock.h"
#include "common/schedule/piecewise_linear.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Times are run time: nanoseconds since T0. Immutable.
class ArrivalSchedule {
 public:
  // Arrival n at n * period / count, for every n whose time is below the duration. Exact integer
  // arithmetic: after a month at any rate the n-th arrival is still on its nanosecond.
  static ArrivalSchedule Constant(const v1::Rate& rate, Nanos duration);

  // Arrival n when the integral of the rate reaches n, to the nanosecond.
  static ArrivalSchedule Ramping(const v1::RampingArrivalRate& load);

  // Of an open-model scenario.
  static ArrivalSchedule Of(const v1::Scenario& scenario);

  // No arrival from the `most`-th on (from 0): Scenario.most_iterations.
  void LimitTo(uint64_t most);
  uint64_t limit() const { return limit_; }  // UINT64_MAX: there is none

  uint64_t Count() const { return count_; }
  Nanos TimeOf(uint64_t n) const;

  // How many arrivals lie before `time`; never more than Count().
  uint64_t CountBefore(Nanos time) const;

  // Operational time, whatever the limit: what the integral of the rate is (Expected), and when it
  // is so much.
  long double Expected() const { return ExpectedBefore(duration_); }
  long double ExpectedBefore(Nanos time) const;
  Nanos TimeAt(long double expected) const;

  long double RateAt(Nanos time) const;  // a second
  bool constant() const { return !curve_; }
  Nanos duration() const { return duration_; }

 private:
  ArrivalSchedule(uint64_t per_period, Nanos period, Nanos duration);
  explicit ArrivalSchedule(PiecewiseLinear curve);

  uint64_t per_period_ = 0;
  Nanos period_ = 1;
  std::optional<PiecewiseLinear> curve_;  // instead of a constant rate
  Nanos duration_;
  uint64_t count_ = 0;
  uint64_t limit_ = UINT64_MAX;
};

long double PerSecond(const v1::Rate& rate);

// Arrivals before `time` on average, which are no more than the limit.
long double MeanArrivalsBefore(const ArrivalSchedule& schedule, Nanos time);

// Drawing them takes a tenth of a second; the mean of more is within a thousandth.
inline constexpr uint64_t kMostArrivalsDrawn = 10'000'000;

// How many arrivals a single machine's schedule has before run time `time`: exactly, but for
// Poisson arrivals beyond kMostArrivalsDrawn, which stand for their mean.
uint64_t PlannedArrivals(const v1::Scenario& scenario, uint64_t seed, uint32_t index, Nanos time);

// A second, on average over the scenario's duration. 0 for a closed model.
double MeanRate(const v1::Scenario& scenario);

}  // namespace loadfleet
