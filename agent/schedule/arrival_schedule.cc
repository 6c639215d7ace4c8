#include "agent/schedule/arrival_schedule.h"

#include <algorithm>

namespace loadfleet {

using Wide = unsigned __int128;

ArrivalSchedule::ArrivalSchedule(uint64_t per_period, Nanos period, Nanos duration)
    : per_period_(per_period), period_(period), duration_(duration), count_(UINT64_MAX) {
  count_ = CountBefore(duration);
}

ArrivalSchedule ArrivalSchedule::Constant(const v1::Rate& rate, Nanos duration) {
  return ArrivalSchedule(rate.count(), rate.period_ns(), duration);
}

Nanos ArrivalSchedule::TimeOf(uint64_t n) const {
  return static_cast<Nanos>(static_cast<Wide>(n) * static_cast<Wide>(period_) / per_period_);
}

uint64_t ArrivalSchedule::CountBefore(Nanos time) const {
  if (time <= 0 || per_period_ == 0) return 0;
  // floor(n * period / count) < time holds exactly for n < time * count / period.
  const Wide below = (static_cast<Wide>(time) * per_period_ + static_cast<Wide>(period_) - 1) /
                     static_cast<Wide>(period_);
  return static_cast<uint64_t>(std::min<Wide>(below, count_));
}

}  // namespace loadfleet
