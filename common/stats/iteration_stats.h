// The iterations of a scenario and the groups in them, as a worker records them, a reporter sums
// them and the master merges them.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "common/stats/histogram.h"
#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {

// See v1::GroupStats.
struct GroupTimes {
  uint32_t group = 0;
  Histogram duration;
  Histogram duration_censored;
};

// See v1::IterationStats. Not thread-safe.
struct IterationStats {
  uint64_t completed = 0;
  uint64_t failed = 0;
  uint64_t interrupted = 0;
  Histogram duration;
  Histogram duration_censored;
  std::vector<GroupTimes> groups;  // each group once

  bool empty() const;

  void Merge(const IterationStats& other);
  // INVALID_ARGUMENT when the message is not what ToProto writes.
  static absl::Status Check(const v1::IterationStats& message);
  // What Check has passed.
  void MergeChecked(const v1::IterationStats& message);
  // Both; nothing is merged when there is an error.
  absl::Status MergeProto(const v1::IterationStats& message);
  // Groups in ascending order, those without a sample left out. Leaves the scenario alone.
  void ToProto(v1::IterationStats* message) const;
  // Keeps the groups, and every page.
  void Clear();

 private:
  GroupTimes& GroupOf(uint32_t group);
};

}  // namespace loadfleet
