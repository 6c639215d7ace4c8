#include "master/results/agent_sums.h"

namespace loadfleet {

void AgentSums::Add(const Sums::ArrivalList& arrivals, const Sums::RequestList& requests,
                    const Sums::IterationList& iterations, const UnmeasuredStages& unmeasured) {
  for (const v1::ArrivalStats& message : arrivals) {
    arrivals_[{message.scenario(), message.stage()}].MergeProto(message);
  }
  for (const v1::RequestStats& message : requests) {
    if (unmeasured.Has(message.scenario(), message.stage())) {
      requests_.MergeCheckedUnmeasured(message);
    } else {
      requests_.MergeChecked(message);
    }
  }
  for (const v1::IterationStats& message : iterations) {
    iterations_.completed += message.completed();
    iterations_.failed += message.failed();
    iterations_.interrupted += message.interrupted();
    iterations_.duration.MergeChecked(message.duration());
    iterations_.duration_censored.MergeChecked(message.duration_censored());
  }
}

void AgentSums::Merge(const AgentSums& other) {
  for (const auto& [id, counts] : other.arrivals_) arrivals_[id].Merge(counts);
  requests_.Merge(other.requests_);
  iterations_.Merge(other.iterations_);
}

v1::Totals AgentSums::ToTotals() const {
  v1::Totals totals = TotalsOf(requests_);
  ArrivalCounts arrivals;
  for (const auto& [id, counts] : arrivals_) arrivals.Merge(counts);
  arrivals.ToProto(totals.mutable_arrivals());
  iterations_.ToProto(totals.mutable_iterations());
  return totals;
}

v1::Totals AgentSums::ToTotalsWithoutTimes() const {
  AgentSums counts;
  counts.arrivals_ = arrivals_;
  counts.requests_.MergeCounts(requests_);
  counts.iterations_.completed = iterations_.completed;
  counts.iterations_.failed = iterations_.failed;
  counts.iterations_.interrupted = iterations_.interrupted;
  return counts.ToTotals();
}

}  // namespace loadfleet
