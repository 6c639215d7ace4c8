// The slowest of the requests that carried a trace id: a few of every minute and request.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/stats/outcome.h"
#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {

// Of W3C Trace Context: 16 bytes, not all of them 0.
using TraceId = std::array<uint8_t, 16>;

// See v1::TracedRequest.
struct TraceSample {
  uint32_t request = 0;
  uint32_t scenario = 0;
  uint32_t second = 0;
  uint64_t response_time_us = 0;
  Outcome outcome = Outcome::kOk;
  TraceId id{};
  std::string agent_id;  // empty on the agent itself
};

void ToProto(const TraceSample& sample, v1::TracedRequest* out);
// INVALID_ARGUMENT: it has no trace id, or no outcome that this version knows.
absl::StatusOr<TraceSample> TraceSampleOf(const v1::TracedRequest& message);

// Whether `a` comes before `b` where the slowest comes first. Total, so that the order in which
// they were added makes no difference.
bool Slower(const TraceSample& a, const TraceSample& b);

// At most limits::kTracesPerMinute of each minute (of the intended time), scenario and request, and
// of these the slowest `most`. The same ones whatever the order of Add and Merge. Not thread-safe;
// once warm nothing is allocated.
class SlowestTraces {
 public:
  explicit SlowestTraces(size_t most) : most_(most) {}

  void Add(const TraceSample& sample);
  void Merge(const SlowestTraces& other);
  void Clear();

  bool empty() const { return count_ == 0; }
  // By minute, and within it the slowest first.
  std::vector<TraceSample> Sorted() const;

 private:
  void DropFastest();

  const size_t most_;
  size_t count_ = 0;
  // What is not slower cannot be among the `most`: the fastest one that was ever dropped for that.
  uint64_t floor_us_ = 0;
  std::vector<std::vector<TraceSample>> by_request_;
};

}  // namespace loadfleet
