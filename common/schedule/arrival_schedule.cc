#include "common/schedule/arrival_schedule.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/plan_shape.h"
#include "common/schedule/poisson_arrivals.h"

namespace loadfleet {
namespace {

using Wide = unsigned __int128;

}  // namespace

long double PerSecond(const v1::Rate& rate) {
  return static_cast<long double>(rate.count()) * kSecond /
         static_cast<long double>(std::max<int64_t>(1, rate.period_ns()));
}

ArrivalSchedule::ArrivalSchedule(uint64_t per_period, Nanos period, Nanos duration)
    : per_period_(per_period), period_(period), duration_(duration), count_(UINT64_MAX) {
  count_ = CountBefore(duration);
}

ArrivalSchedule::ArrivalSchedule(PiecewiseLinear curve)
    : curve_(std::move(curve)), duration_(curve_->duration()), count_(UINT64_MAX) {
  count_ = CountBefore(duration_);
}

ArrivalSchedule ArrivalSchedule::Constant(const v1::Rate& rate, Nanos duration) {
  return ArrivalSchedule(rate.count(), rate.period_ns(), duration);
}

ArrivalSchedule ArrivalSchedule::Ramping(const v1::RampingArrivalRate& load) {
  PiecewiseLinear curve(PerSecond(load.start_rate()));
  for (const v1::RateStage& stage : load.stages()) {
    curve.Append(stage.duration_ns(), PerSecond(stage.target()));
  }
  return ArrivalSchedule(std::move(curve));
}

ArrivalSchedule ArrivalSchedule::Of(const v1::Scenario& scenario) {
  const v1::ConstantArrivalRate& load = scenario.constant_arrival_rate();
  ArrivalSchedule schedule = scenario.has_ramping_arrival_rate()
                                 ? Ramping(scenario.ramping_arrival_rate())
                                 : Constant(load.rate(), load.duration_ns());
  if (scenario.most_iterations() > 0) schedule.LimitTo(scenario.most_iterations());
  return schedule;
}

void ArrivalSchedule::LimitTo(uint64_t most) {
  limit_ = most;
  count_ = std::min(count_, most);
}

Nanos ArrivalSchedule::TimeOf(uint64_t n) const {
  if (curve_) return curve_->TimeOfIntegral(static_cast<long double>(n));
  return static_cast<Nanos>(static_cast<Wide>(n) * static_cast<Wide>(period_) / per_period_);
}

uint64_t ArrivalSchedule::CountBefore(Nanos time) const {
  if (time <= 0) return 0;
  if (!curve_) {
    if (per_period_ == 0) return 0;
    // floor(n * period / count) < time holds exactly for n < time * count / period.
    const Wide below = (static_cast<Wide>(time) * per_period_ + static_cast<Wide>(period_) - 1) /
                       static_cast<Wide>(period_);
    return static_cast<uint64_t>(std::min<Wide>(below, count_));
  }
  // The integral says it but for a rounding; TimeOf has the last word.
  const Nanos until = std::min(time, duration_);
  auto below = static_cast<uint64_t>(std::ceil(curve_->IntegralTo(until)));
  while (below > 0 && TimeOf(below - 1) >= until) --below;
  while (below < count_ && TimeOf(below) < until) ++below;
  return std::min(below, count_);
}

long double ArrivalSchedule::ExpectedBefore(Nanos time) const {
  const Nanos until = std::clamp<Nanos>(time, 0, duration_);
  if (curve_) return curve_->IntegralTo(until);
  return static_cast<long double>(until) * static_cast<long double>(per_period_) /
         static_cast<long double>(period_);
}

Nanos ArrivalSchedule::TimeAt(long double expected) const {
  if (curve_) return curve_->TimeOfIntegral(expected);
  return static_cast<Nanos>(expected * static_cast<long double>(period_) /
                            static_cast<long double>(per_period_));
}

long double ArrivalSchedule::RateAt(Nanos time) const {
  if (curve_) return curve_->At(time);
  return static_cast<long double>(per_period_) * kSecond / static_cast<long double>(period_);
}

uint64_t PlannedArrivals(const v1::Scenario& scenario, uint64_t seed, uint32_t index, Nanos time) {
  const v1::OpenModel* open = OpenModelOf(scenario);
  if (open == nullptr || time <= scenario.start_time_ns()) return 0;
  time -= scenario.start_time_ns();
  const ArrivalSchedule schedule = ArrivalSchedule::Of(scenario);
  if (open->arrival() != v1::ARRIVAL_POISSON) return schedule.CountBefore(time);
  const long double expected = schedule.ExpectedBefore(time);
  if (expected > kMostArrivalsDrawn) {
    return std::min(schedule.limit(), static_cast<uint64_t>(std::llround(expected)));
  }
  PoissonArrivals arrivals(seed, index);
  uint64_t count = 0;
  while (count < schedule.limit() && arrivals.Next() < expected) ++count;
  return count;
}

long double MeanArrivalsBefore(const ArrivalSchedule& schedule, Nanos time) {
  return std::min(schedule.ExpectedBefore(time), static_cast<long double>(schedule.limit()));
}

double MeanRate(const v1::Scenario& scenario) {
  if (OpenModelOf(scenario) == nullptr || LoadDuration(scenario) <= 0) return 0;
  return static_cast<double>(ArrivalSchedule::Of(scenario).Expected() * kSecond /
                             static_cast<long double>(LoadDuration(scenario)));
}

}  // namespace loadfleet
