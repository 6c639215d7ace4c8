#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "common/stats/histogram.h"

namespace loadfleet {
namespace {

// Response times of a service: log-normal around 1 ms.
std::vector<uint64_t> Samples() {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> micros(7, 1);
  std::vector<uint64_t> samples(1 << 16);
  for (uint64_t& sample : samples) sample = static_cast<uint64_t>(micros(random));
  return samples;
}

void HistogramRecord(benchmark::State& state) {
  const std::vector<uint64_t> samples = Samples();
  Histogram histogram;
  size_t i = 0;
  for (auto _ : state) histogram.Record(samples[i++ % samples.size()]);
  benchmark::DoNotOptimize(histogram.sum_us());
}
BENCHMARK(HistogramRecord);

void HistogramMerge(benchmark::State& state) {
  Histogram one;
  for (uint64_t sample : Samples()) one.Record(sample);
  Histogram sum;
  for (auto _ : state) sum.Merge(one);
  benchmark::DoNotOptimize(sum.sum_us());
}
BENCHMARK(HistogramMerge);

}  // namespace
}  // namespace loadfleet
