// How long an agent may start requests without a word from its master, and the fence at the end.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/clock.h"

namespace loadfleet {

// Thread-safe. Times are Clock::NowWithSuspend(): a lease also ends in a sleeping laptop.
class Lease {
 public:
  // No request starts after `end`.
  void Renew(Nanos end) { end_.store(end, std::memory_order_relaxed); }
  // INT64_MIN before the first renewal.
  Nanos end() const { return end_.load(std::memory_order_relaxed); }

  // Whether a worker that has taken up `epoch` has to stop. What is fenced once stays so for its
  // epoch, on every worker and whatever the master says a moment later: half of the workers must
  // never pass for the whole. Only a newer epoch gives an agent its load again.
  bool Fences(Nanos now, uint64_t epoch) {
    if (fenced(epoch)) return true;
    if (now <= end()) return false;
    uint64_t below = free_from_.load(std::memory_order_relaxed);
    while (below <= epoch && !free_from_.compare_exchange_weak(below, epoch + 1)) {
    }
    return true;
  }
  bool fenced(uint64_t epoch) const { return epoch < free_from_.load(std::memory_order_relaxed); }

  // For the next run, when no worker has one.
  void Reset() { free_from_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<Nanos> end_{INT64_MIN};
  std::atomic<uint64_t> free_from_{0};  // the first epoch that is not fenced
};

}  // namespace loadfleet
