// The run, second by second, over all agents: what a live view and charts show.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "loadfleet/v1/api.pb.h"
#include "loadfleet/v1/report.pb.h"
#include "master/results/sums.h"

namespace loadfleet {

// The run-seconds that begin within so long a run.
inline uint32_t SecondsIn(Nanos duration) {
  return static_cast<uint32_t>((duration + kSecond - 1) / kSecond);
}

// Its newest second.
struct NewestSecond {
  v1::SecondSummary summary;
  uint64_t completed_open = 0;  // by the open scenarios
};

// Not thread-safe. Only seconds that are not final keep their histograms; a final one keeps its
// counts and quantiles (some 150 bytes).
class Timeline {
 public:
  // `open`: by scenario, whether it is an open model.
  explicit Timeline(std::vector<bool> open) : open_scenarios_(std::move(open)) {}

  // Of a second that is not final: what is added there is shown.
  Sums& OpenAt(uint32_t second) { return open_[second]; }
  // Of one that is.
  void AddLate(uint32_t second, const Sums& delta);
  // Every second below `below` is final from now on. Never moves back.
  void Close(uint32_t below);

  uint32_t final_below() const { return final_below_; }
  // The merged window of a second that is not final; null when it is final or has none.
  const Sums* Open(uint32_t second) const;
  // The newest second that has anything; empty before there is one.
  std::optional<NewestSecond> Newest() const;
  void Fill(google::protobuf::RepeatedPtrField<v1::TimelineSecond>* seconds) const;

 private:
  struct Second {
    v1::TimelineSecond shown;
    uint64_t completed_open = 0;
  };
  void AddCounts(const Sums& sums, Second* second) const;
  Second Reduce(uint32_t number, const Sums& sums) const;

  std::vector<bool> open_scenarios_;
  std::map<uint32_t, Second> closed_;
  std::map<uint32_t, Sums> open_;
  uint32_t final_below_ = 0;
};

}  // namespace loadfleet
