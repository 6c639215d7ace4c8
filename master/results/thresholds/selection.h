// Which of all samples a threshold looks at, and when there can be any.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"
#include "master/results/sums.h"
#include "master/results/thresholds/evidence.h"

namespace loadfleet {

// Of the run's time, from `begin` until before `end`.
struct Span {
  Nanos begin = 0;
  Nanos end = 0;
};

// Immutable. What was intended in a stage with `measure: false` is not selected; times of
// connections, iterations and groups, which belong to no stage, are.
class Selection {
 public:
  Selection(const v1::Plan& plan, const v1::Threshold& threshold);

  void Collect(const Sums& sums, Evidence* evidence) const;

  // When something selected is due, in order, a second or more apart. At least one.
  const std::vector<Span>& spans() const { return spans_; }

  // Since when, without a break, something selected has been due that is still so in the second
  // that begins at `second`; nothing when nothing is. A scenario that may end early
  // (common/plan_shape.h) shows by what it did in that second, `sums`, that it has not.
  std::optional<Nanos> DueSince(Nanos second, const Sums& sums) const;

 private:
  void AddSpan(const v1::Plan& plan, uint32_t scenario, Span span);
  void CollectRequest(const RequestStats& stats, Evidence* evidence) const;
  void CollectIterations(const IterationStats& stats, Evidence* evidence) const;

  v1::ThresholdMetric metric_;
  v1::ThresholdSelector selector_;
  std::set<std::pair<uint32_t, uint32_t>> stages_;  // (scenario, stage)
  std::set<uint32_t> requests_;                     // when the selector names any
  std::vector<Span> spans_;
  std::vector<Span> certain_;  // of scenarios that end when their time is over
  std::vector<std::pair<uint32_t, Nanos>> open_ended_;  // (scenario, begin) of the others
};

}  // namespace loadfleet
