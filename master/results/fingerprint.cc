#include "master/results/fingerprint.h"

#include <iterator>

#include "common/schedule/split_mix.h"

namespace loadfleet {
namespace {

uint64_t Mixed(uint64_t x) {
  return SplitMix(x + kSplitMixGamma);
}

// What is added under a key of its own: a sum of values, each times what its key mixes to.
class Adder {
 public:
  // `kind`: a list of the message. Ids are below 2^20.
  Adder(uint64_t kind, uint64_t a, uint64_t b, uint64_t c, Fingerprint* fingerprint)
      : key_(Mixed(kind << 60 | a << 40 | b << 20 | c)), fingerprint_(fingerprint) {}

  void Add(uint64_t field, uint64_t value) { AddAt(field, 0, value); }
  void AddAt(uint64_t field, uint64_t index, uint64_t value) {
    fingerprint_->sum += (Mixed(key_ + (field << 32 | index)) | 1) * value;
  }

  void Add(uint64_t field, const v1::SparseHistogram& histogram) {
    const int size = histogram.count_size();
    if (size == 0) return;
    const uint32_t* gaps = histogram.index_gap().data();
    const uint64_t* counts = histogram.count().data();
    uint64_t sum = 0;
    uint64_t index = 0;
    for (int i = 0; i < size; ++i) {
      index += gaps[i];
      // Once a bucket: half of what Mixed does, which is enough within a histogram.
      const uint64_t x = index * kSplitMixGamma;
      sum += (x ^ (x >> 29)) * counts[i];
    }
    const uint64_t key = Mixed(key_ + (field << 32)) | 1;
    fingerprint_->sum += key * sum + Mixed(key) * histogram.sum_us();
    fingerprint_->extremes += Mixed(key ^ histogram.min_us()) + Mixed(key + 1 + histogram.max_us());
  }

 private:
  const uint64_t key_;
  Fingerprint* fingerprint_;
};

void AddArrivals(const v1::ArrivalStats& stats, Fingerprint* fingerprint) {
  Adder adder(1, stats.scenario(), stats.stage(), 0, fingerprint);
  const uint64_t counters[] = {stats.intended(), stats.started(), stats.dropped_saturated(),
                               stats.dropped_late(), stats.dropped_fenced()};
  for (size_t i = 0; i < std::size(counters); ++i) adder.Add(i, counters[i]);
}

void AddRequests(const v1::RequestStats& stats, Fingerprint* fingerprint) {
  Adder adder(2, stats.request(), stats.scenario(), stats.stage(), fingerprint);
  const uint64_t counters[] = {stats.started(),  stats.bytes_sent(),    stats.bytes_received(),
                               stats.resent(),   stats.checks_passed(), stats.checks_failed(),
                               stats.not_sent(), stats.redirects()};
  uint64_t field = 0;
  for (const uint64_t counter : counters) adder.Add(field++, counter);
  for (const v1::OutcomeCount& entry : stats.outcomes()) {
    adder.AddAt(field, static_cast<uint64_t>(entry.outcome()), entry.count());
  }
  ++field;
  for (const v1::StatusCount& entry : stats.statuses()) {
    adder.AddAt(field, entry.status(), entry.count());
  }
  for (const v1::SparseHistogram* histogram :
       {&stats.response_time(), &stats.response_time_censored(), &stats.service_time(),
        &stats.queue_wait(), &stats.lateness(), &stats.connect_time(), &stats.tls_time(),
        &stats.first_byte_time(), &stats.body_time()}) {
    adder.Add(++field, *histogram);
  }
}

void AddIterations(const v1::IterationStats& stats, Fingerprint* fingerprint) {
  Adder adder(3, stats.scenario(), 0, 0, fingerprint);
  adder.Add(0, stats.completed());
  adder.Add(1, stats.failed());
  adder.Add(2, stats.interrupted());
  adder.Add(3, stats.duration());
  adder.Add(4, stats.duration_censored());
  for (const v1::GroupStats& group : stats.groups()) {
    Adder of_group(4, stats.scenario(), group.group(), 0, fingerprint);
    of_group.Add(0, group.duration());
    of_group.Add(1, group.duration_censored());
  }
}

}  // namespace

Fingerprint FingerprintOf(const Sums::ArrivalList& arrivals, const Sums::RequestList& requests,
                          const Sums::IterationList& iterations) {
  Fingerprint fingerprint;
  for (const v1::ArrivalStats& stats : arrivals) AddArrivals(stats, &fingerprint);
  for (const v1::RequestStats& stats : requests) AddRequests(stats, &fingerprint);
  for (const v1::IterationStats& stats : iterations) AddIterations(stats, &fingerprint);
  return fingerprint;
}

}  // namespace loadfleet
