// Which of all samples a threshold looks at, and when there can be any.
#pragma once

#include <optional>
#include <set>
#include <utility>

#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"
#include "master/results/sums.h"
#include "master/results/thresholds/evidence.h"

namespace loadfleet {

// Immutable. What was intended in a stage with `measure: false` is not selected; times of
// connections, which belong to no stage, are.
class Selection {
 public:
  Selection(const v1::Plan& plan, const v1::Threshold& threshold);

  void Collect(const Sums& sums, Evidence* evidence) const;

  // The run's time from the first moment in which something selected is intended to the last, with
  // whatever lies between.
  Nanos begin() const { return begin_; }
  Nanos end() const { return end_; }

 private:
  void Add(uint32_t scenario, uint32_t stage, Nanos begin, Nanos end);
  void CollectRequest(const RequestStats& stats, Evidence* evidence) const;

  v1::ThresholdMetric metric_;
  v1::ThresholdSelector selector_;
  std::set<std::pair<uint32_t, uint32_t>> stages_;  // (scenario, stage)
  Nanos begin_ = 0;
  Nanos end_ = 0;
};

}  // namespace loadfleet
