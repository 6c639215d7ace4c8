// A recorder of one request in one scenario, and what it has recorded over all its seconds.
#pragma once

#include <vector>

#include "agent/record/recorder.h"

namespace loadfleet {

class Recorded {
 public:
  explicit Recorded(uint32_t stages = 1)
      : keys_(KeysOf(stages)), recorder_(keys_, &hand_over_, [](Recording&, Nanos) {}) {}

  Recorder& recorder() { return recorder_; }

  // Everything up to now. The reference is good until the next call.
  const RequestStats& stats(size_t stage = 0) {
    Sum();
    return sum_.series[stage];
  }
  const ArrivalCounts& arrivals(size_t stage = 0) {
    Sum();
    return sum_.arrivals[stage];
  }

 private:
  static RecordingKeys KeysOf(uint32_t stages) {
    RecordingKeys keys;
    for (uint32_t stage = 0; stage < stages; ++stage) {
      keys.series.push_back({0, stage, 0});
      keys.arrivals.push_back({0, stage});
    }
    keys.scenarios = 1;
    return keys;
  }

  void Sum() {
    Recording* full = nullptr;
    while (hand_over_.full.Pop(&full)) {
      Add(*full, &handed_);
      full->Clear();
      hand_over_.empty.Push(full);
    }
    sum_.Clear();
    Add(handed_, &sum_);
    Add(recorder_.current(), &sum_);
  }

  static void Add(const Recording& from, Recording* to) {
    for (size_t i = 0; i < from.series.size(); ++i) {
      to->series[i].Merge(from.series[i]);
      to->arrivals[i].Merge(from.arrivals[i]);
    }
  }

  const RecordingKeys keys_;
  HandOver hand_over_;
  Recorder recorder_;
  Recording handed_{keys_};
  Recording sum_{keys_};
};

}  // namespace loadfleet
