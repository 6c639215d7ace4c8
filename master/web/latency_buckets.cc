#include "master/web/latency_buckets.h"

namespace loadfleet {

void LatencyBuckets::AddObserved(const Histogram& observed) {
  std::array<uint64_t, kLatencyEdgesMicros.size()> within{};
  size_t edge = 0;
  observed.ForEach([&](uint32_t index, uint64_t samples) {
    count += samples;
    const uint64_t highest = Histogram::HighestAt(index);
    while (edge < within.size() && highest > kLatencyEdgesMicros[edge]) ++edge;
    if (edge < within.size()) within[edge] += samples;
  });
  uint64_t below = 0;
  for (size_t i = 0; i < within.size(); ++i) {
    below += within[i];
    at_or_below[i] += below;
  }
  sum_us += observed.sum_us();
}

void LatencyBuckets::AddCensored(const Histogram& censored) {
  count += censored.TotalCount();
  sum_us += censored.sum_us();
}

}  // namespace loadfleet
