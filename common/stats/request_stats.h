// Counters and histograms, as a worker records them, a reporter sums them and the master merges
// them: one type for all three, because everything merges by addition.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/stats/histogram.h"
#include "common/stats/outcome.h"
#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {

// How often each HTTP status came. A run sees a handful, so a small vector in order of first
// appearance serves.
class StatusCounts {
 public:
  void Add(uint16_t status, uint64_t count) {
    for (auto& [known, known_count] : counts_) {
      if (known == status) {
        known_count += count;
        return;
      }
    }
    counts_.emplace_back(status, count);
  }
  void Clear() { counts_.clear(); }
  const std::vector<std::pair<uint16_t, uint64_t>>& counts() const { return counts_; }

 private:
  std::vector<std::pair<uint16_t, uint64_t>> counts_;
};

// One request's numbers. See v1::RequestStats for the meaning of each. Not thread-safe.
struct RequestStats {
  uint64_t started = 0;
  std::array<uint64_t, kOutcomeSlots> outcomes{};
  StatusCounts statuses;
  uint64_t bytes_sent = 0;
  uint64_t bytes_received = 0;
  Histogram response_time;
  Histogram response_time_censored;
  Histogram service_time;
  Histogram queue_wait;
  Histogram lateness;
  Histogram connect_time;
  Histogram tls_time;
  Histogram first_byte_time;
  Histogram body_time;
  uint64_t resent = 0;
  uint64_t checks_passed = 0;
  uint64_t checks_failed = 0;
  uint64_t not_sent = 0;
  uint64_t redirects = 0;

  uint64_t CountOf(Outcome outcome) const { return outcomes[static_cast<size_t>(outcome)]; }
  uint64_t Completed() const;  // with a complete response
  uint64_t Failed() const;     // every outcome but ok
  bool empty() const;

  void Merge(const RequestStats& other);
  // Of a stage with `measure: false`: all but the times of its requests. What connections took
  // belongs to no stage, and comes along.
  void MergeUnmeasured(const RequestStats& other);
  // All but histograms.
  void MergeCounts(const RequestStats& other);
  // INVALID_ARGUMENT when the message is not what ToProto writes.
  static absl::Status Check(const v1::RequestStats& message);
  // What Check has passed.
  void MergeChecked(const v1::RequestStats& message);
  void MergeCheckedUnmeasured(const v1::RequestStats& message);  // as MergeUnmeasured
  // Both; nothing is merged when there is an error.
  absl::Status MergeProto(const v1::RequestStats& message);
  // Leaves the ids (request, scenario, stage) alone.
  void ToProto(v1::RequestStats* message) const;
  void Clear();
};

// One scenario's arrivals. See v1::ArrivalStats.
struct ArrivalCounts {
  uint64_t intended = 0;
  uint64_t started = 0;
  uint64_t dropped_saturated = 0;
  uint64_t dropped_late = 0;
  uint64_t dropped_fenced = 0;

  uint64_t Dropped() const { return dropped_saturated + dropped_late + dropped_fenced; }
  void Merge(const ArrivalCounts& other);
  void MergeProto(const v1::ArrivalStats& message);
  void ToProto(v1::ArrivalStats* message) const;  // leaves the scenario alone
  bool operator==(const ArrivalCounts&) const = default;
};

}  // namespace loadfleet
