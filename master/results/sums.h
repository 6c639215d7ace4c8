// What was measured, added up: by scenario, by request and by group. The unit of merging on the
// master.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/stats/iteration_stats.h"
#include "common/stats/request_stats.h"
#include "loadfleet/v1/metrics.pb.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// Not thread-safe.
class Sums {
 public:
  // Both window and final summary have these lists.
  using ArrivalList = google::protobuf::RepeatedPtrField<v1::ArrivalStats>;
  using RequestList = google::protobuf::RepeatedPtrField<v1::RequestStats>;
  using IterationList = google::protobuf::RepeatedPtrField<v1::IterationStats>;

  // INVALID_ARGUMENT, and *this is not usable any more, when a histogram or an outcome is malformed
  // or when the sums do not add up: each started request ends in exactly one outcome at most.
  absl::Status Add(const ArrivalList& arrivals, const RequestList& requests,
                   const IterationList& iterations);
  void Merge(const Sums& other);

  // In ascending order of their ids, and so equal for equal sums.
  void ToProto(ArrivalList* arrivals, RequestList* requests, IterationList* iterations) const;
  v1::Totals ToTotals() const;

  // Over all scenarios and requests.
  ArrivalCounts AllArrivals() const;
  RequestStats AllRequests() const;
  IterationStats AllIterations() const;  // without groups

  struct SeriesId {
    uint32_t request = 0;
    uint32_t scenario = 0;
    uint32_t stage = 0;
    auto operator<=>(const SeriesId&) const = default;
  };
  const std::map<uint32_t, ArrivalCounts>& arrivals() const { return arrivals_; }
  const std::map<SeriesId, RequestStats>& requests() const { return requests_; }
  const std::map<uint32_t, IterationStats>& iterations() const { return iterations_; }

 private:
  std::map<uint32_t, ArrivalCounts> arrivals_;  // by scenario
  std::map<SeriesId, RequestStats> requests_;
  std::map<uint32_t, IterationStats> iterations_;  // by scenario
};

// Of one request or of many, with statuses in ascending order.
v1::Totals TotalsOf(const RequestStats& stats);

}  // namespace loadfleet
