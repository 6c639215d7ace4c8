// How long an iteration waits between two steps.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/clock.h"
#include "common/schedule/split_mix.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

class ThinkTime {
 public:
  ThinkTime() = default;
  explicit ThinkTime(const v1::Think& think)
      : distribution_(think.distribution()),
        from_(think.min_ns()),
        to_(think.max_ns()),
        mean_(think.mean_ns()),
        sd_(think.sd_ns()) {
    if (distribution_ == v1::Think::DISTRIBUTION_NORMAL) to_ = mean_ + 8 * sd_;
  }

  bool fixed() const { return distribution_ == v1::Think::DISTRIBUTION_UNIFORM && from_ == to_; }

  // `draw()` is the next random number.
  template <typename Draw>
  Nanos Next(const Draw& draw) const {
    if (fixed()) return from_;
    const double uniform = UniformOf(draw());
    const auto mean = static_cast<double>(mean_);
    switch (distribution_) {
      case v1::Think::DISTRIBUTION_NORMAL: {
        // Box and Muller, 1958.
        const double normal =
            std::sqrt(-2 * std::log(uniform)) * std::cos(2 * std::numbers::pi * UniformOf(draw()));
        const double time = std::round(mean + static_cast<double>(sd_) * normal);
        return std::clamp<Nanos>(static_cast<Nanos>(time), 0, to_);
      }
      case v1::Think::DISTRIBUTION_EXPONENTIAL:
        return static_cast<Nanos>(std::round(-mean * std::log(uniform)));
      default:
        return from_ + static_cast<Nanos>(std::floor(uniform * static_cast<double>(to_ - from_)));
    }
  }

 private:
  v1::Think::Distribution distribution_ = v1::Think::DISTRIBUTION_UNIFORM;
  Nanos from_ = 0;
  Nanos to_ = 0;
  Nanos mean_ = 0;
  Nanos sd_ = 0;
};

}  // namespace loadfleet
