// The windows of the current run that the master has not acknowledged yet, oldest first, and the
// summary after them.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {

// The link thread's. What gathers here while the master is away is a window a second, with almost
// nothing in it once the agent is fenced, and no more than the run's time is long.
class WindowSpool {
 public:
  void Add(v1::Window window) { windows_.push_back(std::move(window)); }
  void SetSummary(v1::FinalSummary summary) { summary_ = std::move(summary); }

  // Everything up to last_seq is in the master's store.
  void Acknowledge(uint64_t last_seq) {
    while (!windows_.empty() && windows_.front().key().last_seq() <= last_seq) windows_.pop_front();
  }
  void Clear() {
    windows_.clear();
    summary_.reset();
  }

  const std::deque<v1::Window>& windows() const { return windows_; }
  const std::optional<v1::FinalSummary>& summary() const { return summary_; }

 private:
  std::deque<v1::Window> windows_;
  std::optional<v1::FinalSummary> summary_;
};

}  // namespace loadfleet
