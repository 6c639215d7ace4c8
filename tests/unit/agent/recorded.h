// A recorder of one series and one scenario, and what it has recorded over all its seconds.
#pragma once

#include "agent/record/recorder.h"

namespace loadfleet {

class Recorded {
 public:
  Recorded() : recorder_(1, 1, &hand_over_, [](Recording&, Nanos) {}) {}

  Recorder& recorder() { return recorder_; }

  // Everything up to now. The reference is good until the next call.
  const RequestStats& stats() {
    Sum();
    return stats_;
  }
  const ArrivalCounts& arrivals() {
    Sum();
    return arrivals_;
  }

 private:
  void Sum() {
    Recording* full = nullptr;
    while (hand_over_.full.Pop(&full)) {
      handed_stats_.Merge(full->series[0]);
      handed_arrivals_.Merge(full->arrivals[0]);
      full->Clear();
      hand_over_.empty.Push(full);
    }
    stats_.Clear();
    stats_.Merge(handed_stats_);
    stats_.Merge(recorder_.series(0));
    arrivals_ = handed_arrivals_;
    arrivals_.Merge(recorder_.arrivals(0));
  }

  HandOver hand_over_;
  Recorder recorder_;
  RequestStats handed_stats_;
  ArrivalCounts handed_arrivals_;
  RequestStats stats_;
  ArrivalCounts arrivals_;
};

}  // namespace loadfleet
