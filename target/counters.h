// The counters of one loop. Written by its thread only, read by any: plain stores, no
// read-modify-write.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "common/limits.h"
#include "target/routes.h"
#include "target/target.h"

namespace loadfleet::target {

// One writer, any reader.
class Counter {
 public:
  void Add(uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void Subtract(uint64_t n) { Add(-n); }
  uint64_t Get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class LoopCounters {
 public:
  // `second`: of its arrival, since the target's start.
  void CountRequest(Route route, int64_t second) {
    if (route == Route::kStats) return;
    by_route_[static_cast<int>(route)].Add(1);
    seconds_.Add(second);
  }
  void CountStatus(Route route, int status) {
    if (route != Route::kStats) by_status_[status].Add(1);
  }

  Counter malformed;
  Counter accepted;
  Counter closed;
  Counter bytes_in;
  Counter bytes_out;

  // Adds this loop's counts to `sum`, whose per_second spans first_second to `now_second`.
  void AddTo(TargetCounters* sum, int64_t now_second) const;

 private:
  // A ring of the last hour. Each cell is one word of (second, count), so that no reader sees a
  // torn pair.
  class Seconds {
   public:
    void Add(int64_t second);
    void AddTo(TargetCounters* sum, int64_t now_second) const;

   private:
    static constexpr int kCountBits = 36;
    static constexpr uint64_t kCountMask = (1ULL << kCountBits) - 1;

    std::array<std::atomic<uint64_t>, limits::kTargetSeconds> cells_{};
  };

  std::array<Counter, kRoutes> by_route_;
  std::array<Counter, 600> by_status_;
  Seconds seconds_;
};

}  // namespace loadfleet::target
