// All thresholds of a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"
#include "loadfleet/v1/report.pb.h"
#include "master/results/sums.h"
#include "master/results/thresholds/threshold_watch.h"

namespace loadfleet {

// Not thread-safe. Results are in the plan's order.
class Thresholds {
 public:
  using Results = google::protobuf::RepeatedPtrField<v1::ThresholdResult>;

  explicit Thresholds(const v1::Plan& plan);

  // See ThresholdWatch.
  void AddSecond(uint32_t second, const Sums& sums);
  void AddLate(const Sums& sums);
  void EndLoad(Nanos elapsed);
  Results Standing() const;
  Results Final(Nanos duration) const;

  // The first that ends the run; empty when none does.
  std::optional<v1::ThresholdResult> Aborting() const;

 private:
  std::vector<ThresholdWatch> watches_;
};

}  // namespace loadfleet
