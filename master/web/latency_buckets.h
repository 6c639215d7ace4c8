// A latency histogram reduced to the fixed buckets that Prometheus is given.
#pragma once

#include <array>
#include <cstdint>

#include "common/stats/histogram.h"

namespace loadfleet {

// Upper edges in microseconds, inclusive: the steps 1, 2.5, 5 from 100 us to 10 s, then 30 s and
// one minute. They never change, so that series of different runs can be added up.
inline constexpr std::array<uint64_t, 18> kLatencyEdgesMicros = {
    100,     250,     500,     1'000,     2'500,     5'000,     10'000,     25'000,     50'000,
    100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000, 60'000'000};

struct LatencyBuckets {
  std::array<uint64_t, kLatencyEdgesMicros.size()> at_or_below{};  // cumulative, by edge
  uint64_t count = 0;                                              // also those above every edge
  uint64_t sum_us = 0;

  // Adds samples that have a value. A value counts below an edge when its whole histogram bucket
  // (0.1 % wide) lies there: never faster than measured.
  void AddObserved(const Histogram& observed);
  // Adds samples known only to be above their value: above every edge, as they rank above every
  // observed one.
  void AddCensored(const Histogram& censored);
};

}  // namespace loadfleet
