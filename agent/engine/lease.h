// How long an agent may start requests without a word from its master, and the fence at the end.
#pragma once

#include <atomic>

#include "common/clock.h"

namespace loadfleet {

// Thread-safe. Times are Clock::NowWithSuspend(): a lease also ends in a sleeping laptop.
class Lease {
 public:
  // No request starts after `end`.
  void Renew(Nanos end) { end_.store(end, std::memory_order_relaxed); }
  // INT64_MIN before the first renewal.
  Nanos end() const { return end_.load(std::memory_order_relaxed); }

  // Whether the load has to end. What is fenced once stays so for its run, on every worker and
  // whatever the master says a moment later: half of the workers must never pass for the whole.
  bool Fences(Nanos now) {
    if (fenced()) return true;
    if (now <= end()) return false;
    fenced_.store(true, std::memory_order_relaxed);
    return true;
  }
  bool fenced() const { return fenced_.load(std::memory_order_relaxed); }

  // For the next run, when no worker has one.
  void Reset() { fenced_.store(false, std::memory_order_relaxed); }

 private:
  std::atomic<Nanos> end_{INT64_MIN};
  std::atomic<bool> fenced_{false};
};

}  // namespace loadfleet
