// A worker's recorder: counts into the recording of the current run-second and hands full ones to
// the reporter.
//
// No lock, no compare-and-swap and, once warm, no allocation in recording.
#pragma once

#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "agent/record/failure_quota.h"
#include "agent/record/recording.h"
#include "common/clock.h"

namespace loadfleet {

// The road of full recordings to the reporter and of empty ones back. Owned by the reporter, lives
// until every worker has handed over its last recording.
struct HandOver {
  SpscRing<Recording*, 4> full;
  SpscRing<Recording*, 4> empty;  // cleared
  int wake_fd = -1;               // an eventfd that wakes the reporter; written once a second
};

// One worker's thread only, but for construction.
class Recorder {
 public:
  // `fill_levels` writes the levels of the moment (what is in flight, open connections) into a
  // recording that is about to be handed over.
  using FillLevels = absl::AnyInvocable<void(Recording&, Nanos now)>;
  Recorder(const RecordingKeys& keys, HandOver* hand_over, FillLevels fill_levels);

  void Start(Nanos t0, Nanos now);

  // Call before recording what happened at `now`: closes the run-second when that lies beyond it.
  // The full recording is handed over when the reporter has given an empty one back, else it keeps
  // accumulating.
  void At(Nanos now) {
    if (now >= second_end_) [[unlikely]]
      Rotate(now);
  }
  Nanos second_end() const { return second_end_; }

  RequestStats& series(size_t index) { return current_->series[index]; }
  ArrivalCounts& arrivals(size_t index) { return current_->arrivals[index]; }
  IterationStats& iterations(size_t scenario) { return current_->iterations[scenario]; }
  Recording& current() { return *current_; }
  Nanos t0() const { return t0_; }
  FailureQuota& failure_quota() { return failure_quota_; }

  // The run-second of a time; 0 before T0.
  uint32_t SecondOf(Nanos now) const {
    return now <= t0_ ? 0 : static_cast<uint32_t>((now - t0_) / kSecond);
  }

  // Hands over the last recording of the run.
  void Finish(Nanos now);

 private:
  void Rotate(Nanos now);
  void Stamp(Nanos now);
  void HandOverCurrent();

  std::vector<std::unique_ptr<Recording>> owned_;
  FailureQuota failure_quota_{limits::kFailuresOfAKind, limits::kWorkerFailures};
  HandOver* hand_over_;
  FillLevels fill_levels_;
  Recording* current_;
  Nanos t0_ = 0;
  Nanos second_end_ = INT64_MAX;
  Nanos opened_at_ = 0;
  Nanos cpu_at_open_ = 0;
};

}  // namespace loadfleet
