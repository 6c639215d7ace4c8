// A quantity over run time that is linear between the plan's stages: a rate, or a number of VUs.
#pragma once

#include <cstdint>
#include <vector>

#include "common/clock.h"

namespace loadfleet {

// Times are run time, in nanoseconds since T0. Values are not negative; a rate is per second.
class PiecewiseLinear {
 public:
  explicit PiecewiseLinear(long double start) : end_value_(start) {}

  // From the value that it has to `target`, over `duration`; 0 is a jump.
  void Append(Nanos duration, long double target);

  Nanos duration() const { return duration_; }

  // Its last value at the end and beyond.
  long double At(Nanos time) const;

  // The area below it up to `time`, values being per second.
  long double IntegralTo(Nanos time) const;

  // When the area reaches `area`, to the nanosecond below; where it is flat, when it begins to grow
  // again. The duration when it never does. By the stable form of the quadratic's root (Numerical
  // Recipes, 5.6).
  Nanos TimeOfIntegral(long double area) const;

  // Its whole part, a millionth being forgiven.
  uint64_t WholeAt(Nanos time) const;

  // The next time after `time` at which WholeAt can be another; at the earliest a nanosecond later.
  // INT64_MAX: none.
  Nanos NextStep(Nanos time) const;

 private:
  struct Piece {
    Nanos begin;
    Nanos duration;
    long double value;   // at its begin
    long double slope;   // per second
    long double before;  // the area before it

    long double AreaOf(Nanos within) const;
  };

  const Piece* PieceAt(Nanos time) const;

  std::vector<Piece> pieces_;
  Nanos duration_ = 0;
  long double end_value_;
  long double area_ = 0;
};

}  // namespace loadfleet
