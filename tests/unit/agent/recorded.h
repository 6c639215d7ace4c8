// A recorder of one scenario, and what it has recorded over all its seconds.
#pragma once

#include <vector>

#include "agent/record/recorder.h"

namespace loadfleet {

class Recorded {
 public:
  // Of so many requests, each with a series for every stage.
  explicit Recorded(uint32_t requests = 1, const std::vector<uint32_t>& groups = {},
                    uint32_t stages = 1)
      : keys_(KeysOf(requests, groups, stages)),
        recorder_(keys_, &hand_over_, [](Recording&, Nanos) {}) {}

  Recorder& recorder() { return recorder_; }

  // Everything up to now. The reference is good until the next call.
  const RequestStats& stats(size_t series = 0) { return Sum().series[series]; }
  const ArrivalCounts& arrivals(size_t stage = 0) { return Sum().arrivals[stage]; }
  const IterationStats& iterations() { return Sum().iterations[0]; }

 private:
  static RecordingKeys KeysOf(uint32_t requests, const std::vector<uint32_t>& groups,
                              uint32_t stages) {
    RecordingKeys keys;
    for (uint32_t request = 0; request < requests; ++request) {
      for (uint32_t stage = 0; stage < stages; ++stage) keys.series.push_back({0, stage, request});
    }
    for (uint32_t stage = 0; stage < stages; ++stage) keys.arrivals.push_back({0, stage});
    keys.groups.push_back(groups);
    return keys;
  }

  static void Add(const Recording& from, Recording* to) {
    for (size_t i = 0; i < to->series.size(); ++i) to->series[i].Merge(from.series[i]);
    for (size_t i = 0; i < to->arrivals.size(); ++i) to->arrivals[i].Merge(from.arrivals[i]);
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

  const RecordingKeys keys_;
  HandOver hand_over_;
  Recorder recorder_;
  Recording handed_{keys_};
  Recording sum_{keys_};
};

}  // namespace loadfleet
