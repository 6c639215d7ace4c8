// What was measured, added up: by scenario, by request and by group. The unit of merging on the
// master.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/stats/iteration_stats.h"
#include "common/stats/request_stats.h"
#include "loadfleet/v1/metrics.pb.h"
#include "loadfleet/v1/plan.pb.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// The stages with `measure: false`. What was intended in one of them counts, but its times are in
// no quantile, threshold or judgement of the run.
class UnmeasuredStages {
 public:
  UnmeasuredStages() = default;
  explicit UnmeasuredStages(const v1::Plan& plan);
  bool Has(uint32_t scenario, uint32_t stage) const { return stages_.count({scenario, stage}) > 0; }

 private:
  std::set<std::pair<uint32_t, uint32_t>> stages_;
};

// Not thread-safe.
class Sums {
 public:
  // Both window and final summary have these lists.
  using ArrivalList = google::protobuf::RepeatedPtrField<v1::ArrivalStats>;
  using RequestList = google::protobuf::RepeatedPtrField<v1::RequestStats>;
  using IterationList = google::protobuf::RepeatedPtrField<v1::IterationStats>;

  // INVALID_ARGUMENT when a histogram, an outcome or a status is malformed.
  static absl::Status Check(const RequestList& requests, const IterationList& iterations);
  // What Check has passed.
  void Add(const ArrivalList& arrivals, const RequestList& requests,
           const IterationList& iterations);
  void Merge(const Sums& other);

  // In ascending order of their ids, and so equal for equal sums.
  void ToProto(ArrivalList* arrivals, RequestList* requests, IterationList* iterations) const;
  v1::Totals ToTotals(const UnmeasuredStages& unmeasured) const;

  // Over all scenarios, requests and stages; the times only of what is measured.
  ArrivalCounts AllArrivals() const;
  RequestStats AllRequests(const UnmeasuredStages& unmeasured = {}) const;
  IterationStats AllIterations() const;  // without groups

  struct SeriesId {
    uint32_t request = 0;
    uint32_t scenario = 0;
    uint32_t stage = 0;
    auto operator<=>(const SeriesId&) const = default;
  };
  struct ArrivalsId {
    uint32_t scenario = 0;
    uint32_t stage = 0;
    auto operator<=>(const ArrivalsId&) const = default;
  };
  const std::map<ArrivalsId, ArrivalCounts>& arrivals() const { return arrivals_; }
  const std::map<SeriesId, RequestStats>& requests() const { return requests_; }
  const std::map<uint32_t, IterationStats>& iterations() const { return iterations_; }

  // The same over all stages, by scenario and, of requests, by (request, scenario, 0).
  std::map<uint32_t, ArrivalCounts> ArrivalsByScenario() const;
  std::map<SeriesId, RequestStats> ByRequest(const UnmeasuredStages& unmeasured = {}) const;

 private:
  std::map<ArrivalsId, ArrivalCounts> arrivals_;
  std::map<SeriesId, RequestStats> requests_;
  std::map<uint32_t, IterationStats> iterations_;  // by scenario
};

// Of one request or of many, with statuses in ascending order.
v1::Totals TotalsOf(const RequestStats& stats);

}  // namespace loadfleet
