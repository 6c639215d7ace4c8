// What one worker measured in one stretch of run-seconds, and the ring over which it hands that to
// the reporter.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "agent/record/failure_quota.h"
#include "common/clock.h"
#include "common/limits.h"
#include "common/stats/iteration_stats.h"
#include "common/stats/request_stats.h"
#include "common/stats/slowest_traces.h"
#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {

// Levels of one scenario on one worker when a recording was handed over. See v1::ArrivalLevels.
struct ScenarioLevels {
  uint64_t in_flight = 0;
  uint64_t waiting = 0;
  Nanos oldest_age = 0;
  bool catching_up = false;
};

// What a recording's indices stand for: the series and the arrivals of a plan, in order.
struct SeriesKey {
  uint32_t scenario = 0;
  uint32_t stage = 0;
  uint32_t request = 0;
};
struct ArrivalsKey {
  uint32_t scenario = 0;
  uint32_t stage = 0;
};
struct RecordingKeys {
  std::vector<SeriesKey> series;
  std::vector<ArrivalsKey> arrivals;
  std::vector<std::vector<uint32_t>> groups;  // v1::Group.index, by scenario and slot
  size_t scenarios() const { return groups.size(); }
};

// A failing exchange for people to read.
struct KeptFailure {
  FailureKind kind;
  v1::ExchangeRecord record;
};

// Written by its worker, then handed over whole; nobody else touches it meanwhile.
struct Recording {
  explicit Recording(const RecordingKeys& keys);

  uint32_t first_second = 0;  // run-seconds covered, inclusive
  uint32_t last_second = 0;
  bool last = false;                       // the worker's last recording of the run
  std::vector<RequestStats> series;        // by RequestTemplate::series and stage
  std::vector<ArrivalCounts> arrivals;     // by ScenarioFlows::arrivals and stage
  std::vector<IterationStats> iterations;  // by scenario
  std::vector<ScenarioLevels> levels;      // by scenario
  std::vector<KeptFailure> failures;
  SlowestTraces traces{limits::kWindowTraces};
  Histogram loop_lag;
  Nanos worker_cpu = 0;  // CPU time of the worker's thread within the recording
  Nanos span = 0;        // how long the recording took
  uint64_t connections_opened = 0;
  uint64_t open_connections = 0;

  void Clear();
  // Nothing was intended, started or has ended.
  bool empty() const;
};

// A single-producer, single-consumer ring that never waits: a full ring says no.
// Release on push and acquire on pop carry the pointed-to data along.
template <typename T, size_t kSize>
class SpscRing {
 public:
  bool Push(T value) {
    const size_t head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) == kSize) return false;
    items_[head % kSize] = value;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }
  bool Pop(T* value) {
    const size_t tail = tail_.load(std::memory_order_relaxed);
    if (head_.load(std::memory_order_acquire) == tail) return false;
    *value = items_[tail % kSize];
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

 private:
  std::array<T, kSize> items_{};
  alignas(64) std::atomic<size_t> head_{0};
  alignas(64) std::atomic<size_t> tail_{0};
};

}  // namespace loadfleet
