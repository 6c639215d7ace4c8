// What an engine's run sends to the master, the master's part played by the test.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "agent/record/run_reporter.h"
#include "common/stats/request_stats.h"

namespace loadfleet {

class Delivered {
 public:
  RunReporter::Sink Sink() {
    return {[this](v1::Window window) {
              absl::MutexLock lock(&mutex_);
              windows_.push_back(std::move(window));
            },
            [this](v1::FinalSummary summary) {
              absl::MutexLock lock(&mutex_);
              summary_ = std::move(summary);
            }};
  }

  v1::FinalSummary AwaitSummary() {
    absl::MutexLock lock(&mutex_);
    const auto come = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return summary_.has_value(); };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&come), kLimit));
    return summary_.value_or(v1::FinalSummary());
  }
  void AwaitWindows(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto come = [this, count]()
                          ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return windows_.size() >= count; };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&come), kLimit));
  }
  std::vector<v1::Window> windows() const {
    absl::MutexLock lock(&mutex_);
    return windows_;
  }
  bool ended() const {
    absl::MutexLock lock(&mutex_);
    return summary_.has_value();
  }

 private:
  static constexpr absl::Duration kLimit = absl::Seconds(60);  // only ends a test that has failed

  mutable absl::Mutex mutex_;
  std::vector<v1::Window> windows_ ABSL_GUARDED_BY(mutex_);
  std::optional<v1::FinalSummary> summary_ ABSL_GUARDED_BY(mutex_);
};

inline RequestStats RequestsOf(const v1::FinalSummary& summary) {
  RequestStats sum;
  for (const v1::RequestStats& stats : summary.requests()) EXPECT_TRUE(sum.MergeProto(stats).ok());
  return sum;
}

}  // namespace loadfleet
