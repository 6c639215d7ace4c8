// SplitMix64 (Steele, Lea, Flood 2014): random numbers whose n-th is a function of n, so that
// everybody who knows the seed has the same ones without a word between them.
#pragma once

#include <cstdint>

namespace loadfleet {

inline constexpr uint64_t kSplitMixGamma = 0x9e3779b97f4a7c15;

// Number n of the sequence `origin` is SplitMix(origin + n * kSplitMixGamma).
inline uint64_t SplitMix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// In (0, 1], whose logarithm is finite.
inline double UniformOf(uint64_t random) {
  return static_cast<double>((random >> 11) + 1) * 0x1p-53;
}

// What one iteration draws. The same whatever the number of agents and workers: nothing of who
// draws is in it.
class IterationRandom {
 public:
  // `first` and `second` tell the scenario's iterations apart: the arrival and 0, or the VU + 1 and
  // the number of its iteration.
  IterationRandom(uint64_t seed, uint32_t scenario, uint64_t first, uint64_t second)
      : origin_(SplitMix(
            SplitMix(SplitMix(SplitMix(seed + kSplitMixGamma) ^ (kFlows + scenario)) + first) +
            second * kSplitMixGamma)) {}

  // Its number `n` over all, drawn by `step` of the flow.
  uint64_t At(uint32_t step, uint32_t n) const {
    return SplitMix(origin_ + (static_cast<uint64_t>(step) << 32 | n) * kSplitMixGamma);
  }

 private:
  static constexpr uint64_t kFlows = uint64_t{1} << 63;  // arrivals are drawn without it

  uint64_t origin_;
};

}  // namespace loadfleet
