// Poisson arrivals in operational time: on average one per unit, each gap independent of all
// others.
//
// Drawn slab by slab with a generator of its own for each (seed, scenario, slab), so that every
// worker, and the master, has the same arrivals without a word between them. A Poisson process has
// no memory: beginning anew at a slab's edge changes nothing about it.
#pragma once

#include <cmath>
#include <cstdint>

#include "common/schedule/split_mix.h"

namespace loadfleet {

// A cursor; a copy goes on from the same place.
class PoissonArrivals {
 public:
  PoissonArrivals(uint64_t seed, uint32_t scenario)
      : origin_(SplitMix(SplitMix(seed + kSplitMixGamma) + scenario + 1)), state_(Begin(0)) {}

  // The next arrival's operational time.
  long double Next() {
    while (true) {
      offset_ -= std::log(UniformOf(Draw()));
      if (offset_ < kSlab) {
        return static_cast<long double>(slab_) * kSlab + static_cast<long double>(offset_);
      }
      state_ = Begin(++slab_);
      offset_ = 0;
    }
  }

 private:
  static constexpr double kSlab = 1024;  // a slab's length

  uint64_t Begin(uint64_t slab) const { return SplitMix(origin_ + slab * kSplitMixGamma); }
  uint64_t Draw() { return SplitMix(state_ += kSplitMixGamma); }

  uint64_t origin_;
  uint64_t slab_ = 0;
  uint64_t state_;
  double offset_ = 0;
};

}  // namespace loadfleet
