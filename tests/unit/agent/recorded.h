// A recorder of one scenario, and what it has recorded over all its seconds.
#pragma once

#include <vector>

#include "agent/record/recorder.h"

namespace loadfleet {

class Recorded {
 public:
  explicit Recorded(size_t series = 1, const std::vector<uint32_t>& groups = {})
      : recorder_(series, 1, &hand_over_, [](Recording&, Nanos) {}, {groups}),
        handed_(series, 1, {groups}),
        sum_(series, 1, {groups}) {}

  Recorder& recorder() { return recorder_; }

  // Everything up to now. The reference is good until the next call.
  const RequestStats& stats(size_t series = 0) { return Sum().series[series]; }
  const ArrivalCounts& arrivals() { return Sum().arrivals[0]; }
  const IterationStats& iterations() { return Sum().iterations[0]; }

 private:
  static void Add(const Recording& from, Recording* to) {
    for (size_t i = 0; i < to->series.size(); ++i) to->series[i].Merge(from.series[i]);
    to->arrivals[0].Merge(from.arrivals[0]);
    to->iterations[0].Merge(from.iterations[0]);
  }
  const Recording& Sum() {
    Recording* full = nullptr;
    while (hand_over_.full.Pop(&full)) {
      Add(*full, &handed_);
      full->Clear();
      hand_over_.empty.Push(full);
    }
    sum_.Clear();
    Add(handed_, &sum_);
    Add(recorder_.current(), &sum_);
    return sum_;
  }

  HandOver hand_over_;
  Recorder recorder_;
  Recording handed_;
  Recording sum_;
};

}  // namespace loadfleet
