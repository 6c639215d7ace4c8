#include "common/report/measured.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace loadfleet {

Distribution Describe(const Histogram& observed, const Histogram& censored) {
  std::vector<double> wanted;
  wanted.reserve(kReportedQuantiles.size());
  for (const ReportedQuantile& quantile : kReportedQuantiles) wanted.push_back(quantile.q);
  const std::vector<QuantileValue> values = QuantilesOf(observed, censored, wanted);

  Distribution distribution;
  distribution.count = observed.TotalCount();
  distribution.censored = censored.TotalCount();
  distribution.mean_us = observed.empty() ? 0 : observed.MeanMicros();
  std::copy(values.begin(), values.end(), distribution.quantiles.begin());
  return distribution;
}

Distribution Describe(const Histogram& observed) {
  return Describe(observed, Histogram());
}

absl::StatusOr<Measured> Measure(const v1::Totals& totals) {
  Measured measured;
  if (absl::Status status = measured.stats.MergeProto(totals.requests()); !status.ok()) {
    return absl::DataLossError(absl::StrCat("the report is damaged: ", status.message()));
  }
  measured.has_arrivals = totals.has_arrivals();
  measured.arrivals.MergeProto(totals.arrivals());
  measured.has_iterations = totals.has_iterations();
  if (absl::Status status = measured.iterations.MergeProto(totals.iterations()); !status.ok()) {
    return absl::DataLossError(absl::StrCat("the report is damaged: ", status.message()));
  }
  measured.iteration_duration =
      Describe(measured.iterations.duration, measured.iterations.duration_censored);
  measured.response_time =
      Describe(measured.stats.response_time, measured.stats.response_time_censored);
  measured.service_time = Describe(measured.stats.service_time);
  measured.queue_wait = Describe(measured.stats.queue_wait);
  measured.lateness = Describe(measured.stats.lateness);
  measured.connect_time = Describe(measured.stats.connect_time);
  measured.tls_time = Describe(measured.stats.tls_time);
  measured.first_byte_time = Describe(measured.stats.first_byte_time);
  measured.body_time = Describe(measured.stats.body_time);
  return measured;
}

absl::StatusOr<Distribution> Measure(const v1::GroupStats& group) {
  Histogram duration;
  Histogram censored;
  absl::Status status = duration.MergeProto(group.duration());
  status.Update(censored.MergeProto(group.duration_censored()));
  if (!status.ok()) {
    return absl::DataLossError(absl::StrCat("the report is damaged: ", status.message()));
  }
  return Describe(duration, censored);
}

std::vector<std::pair<Outcome, uint64_t>> OutcomesOf(const RequestStats& stats) {
  std::vector<std::pair<Outcome, uint64_t>> outcomes;
  for (const Outcome outcome : AllOutcomes()) {
    if (const uint64_t count = stats.CountOf(outcome); count != 0) {
      outcomes.emplace_back(outcome, count);
    }
  }
  return outcomes;
}

std::vector<std::pair<uint16_t, uint64_t>> StatusesOf(const RequestStats& stats) {
  std::vector<std::pair<uint16_t, uint64_t>> statuses = stats.statuses.counts();
  std::sort(statuses.begin(), statuses.end());
  return statuses;
}

void AgentSums::Add(const Measured& agent) {
  started += agent.stats.started;
  completed += agent.stats.Completed();
  failed += agent.stats.Failed();
  dropped += agent.arrivals.Dropped();
}

bool AgentSums::Equals(const Measured& total) const {
  return started == total.stats.started && completed == total.stats.Completed() &&
         failed == total.stats.Failed() && dropped == total.arrivals.Dropped();
}

std::string_view ReconciliationText(bool equals_total, bool reconciled) {
  if (!equals_total) return "differs from the total";
  return reconciled ? "= total, reconciled" : "= total, not all summaries matched";
}

std::string_view VerdictName(v1::Verdict verdict) {
  switch (verdict) {
    case v1::VERDICT_PASSED:
      return "passed";
    case v1::VERDICT_FAILED:
      return "failed";
    case v1::VERDICT_INVALID:
      return "invalid";
    case v1::VERDICT_ABORTED:
      return "aborted";
    default:
      return "unknown";
  }
}

}  // namespace loadfleet
