// Poisson arrivals in operational time: on average one per unit, each gap independent of all
// others.
//
// Drawn slab by slab with a generator of its own for each (seed, scenario, slab), so that every
// worker, and the master, has the same arrivals without a word between them. A Poisson process has
// no memory: beginning anew at a slab's edge changes nothing about it. The generator is SplitMix64,
// whose n-th number is a function of n (Steele, Lea, Flood 2014).
#pragma once

#include <cmath>
#include <cstdint>

namespace loadfleet {

// A cursor; a copy goes on from the same place.
class PoissonArrivals {
 public:
  PoissonArrivals(uint64_t seed, uint32_t scenario)
      : origin_(Mix(Mix(seed + kGamma) + scenario + 1)), state_(Begin(0)) {}

  // The next arrival's operational time.
  long double Next() {
    while (true) {
      // In (0, 1], whose logarithm is finite.
      const double uniform = static_cast<double>((Draw() >> 11) + 1) * 0x1p-53;
      offset_ -= std::log(uniform);
      if (offset_ < kSlab) {
        return static_cast<long double>(slab_) * kSlab + static_cast<long double>(offset_);
      }
      state_ = Begin(++slab_);
      offset_ = 0;
    }
  }

 private:
  static constexpr double kSlab = 1024;  // a slab's length
  static constexpr uint64_t kGamma = 0x9e3779b97f4a7c15;

  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t Begin(uint64_t slab) const { return Mix(origin_ + slab * kGamma); }
  uint64_t Draw() { return Mix(state_ += kGamma); }

  uint64_t origin_;
  uint64_t slab_ = 0;
  uint64_t state_;
  double offset_ = 0;
};

}  // namespace loadfleet
