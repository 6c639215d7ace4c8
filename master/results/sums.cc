#include "master/results/sums.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/stages.h"

namespace loadfleet {
namespace {

void WriteSorted(const RequestStats& stats, v1::RequestStats* message) {
  stats.ToProto(message);
  std::sort(
      message->mutable_statuses()->begin(), message->mutable_statuses()->end(),
      [](const v1::StatusCount& a, const v1::StatusCount& b) { return a.status() < b.status(); });
}

void MergeOne(const Sums::SeriesId& id, const RequestStats& stats,
              const UnmeasuredStages& unmeasured, RequestStats* into) {
  if (unmeasured.Has(id.scenario, id.stage)) {
    into->MergeUnmeasured(stats);
  } else {
    into->Merge(stats);
  }
}

}  // namespace

UnmeasuredStages::UnmeasuredStages(const v1::Plan& plan) {
  for (int i = 0; i < plan.scenarios_size(); ++i) {
    const std::vector<Stage> stages = StagesOf(plan.scenarios(i));
    for (size_t s = 0; s < stages.size(); ++s) {
      if (stages[s].measured) continue;
      stages_.emplace(static_cast<uint32_t>(i), static_cast<uint32_t>(s));
    }
  }
}

absl::Status Sums::Check(const RequestList& requests, const IterationList& iterations) {
  for (const v1::RequestStats& message : requests) {
    absl::Status status = RequestStats::Check(message);
    if (status.ok()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("request ", message.request(), ": ", status.message()));
  }
  for (const v1::IterationStats& message : iterations) {
    absl::Status status = IterationStats::Check(message);
    if (status.ok()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("iterations of scenario ", message.scenario(), ": ", status.message()));
  }
  return absl::OkStatus();
}

void Sums::Add(const ArrivalList& arrivals, const RequestList& requests,
               const IterationList& iterations) {
  for (const v1::ArrivalStats& message : arrivals) {
    arrivals_[{message.scenario(), message.stage()}].MergeProto(message);
  }
  for (const v1::RequestStats& message : requests) {
    requests_[{message.request(), message.scenario(), message.stage()}].MergeChecked(message);
  }
  for (const v1::IterationStats& message : iterations) {
    iterations_[message.scenario()].MergeChecked(message);
  }
}

void Sums::Merge(const Sums& other) {
  for (const auto& [id, counts] : other.arrivals_) arrivals_[id].Merge(counts);
  for (const auto& [id, stats] : other.requests_) requests_[id].Merge(stats);
  for (const auto& [scenario, stats] : other.iterations_) iterations_[scenario].Merge(stats);
}

void Sums::ToProto(ArrivalList* arrivals, RequestList* requests, IterationList* iterations) const {
  for (const auto& [id, counts] : arrivals_) {
    v1::ArrivalStats* message = arrivals->Add();
    message->set_scenario(id.scenario);
    message->set_stage(id.stage);
    counts.ToProto(message);
  }
  for (const auto& [id, stats] : requests_) {
    v1::RequestStats* message = requests->Add();
    message->set_request(id.request);
    message->set_scenario(id.scenario);
    message->set_stage(id.stage);
    WriteSorted(stats, message);
  }
  for (const auto& [scenario, stats] : iterations_) {
    v1::IterationStats* message = iterations->Add();
    message->set_scenario(scenario);
    stats.ToProto(message);
  }
}

v1::Totals Sums::ToTotals(const UnmeasuredStages& unmeasured) const {
  v1::Totals totals = TotalsOf(AllRequests(unmeasured));
  AllArrivals().ToProto(totals.mutable_arrivals());
  AllIterations().ToProto(totals.mutable_iterations());
  return totals;
}

ArrivalCounts Sums::AllArrivals() const {
  ArrivalCounts all;
  for (const auto& [id, counts] : arrivals_) all.Merge(counts);
  return all;
}

RequestStats Sums::AllRequests(const UnmeasuredStages& unmeasured) const {
  RequestStats all;
  for (const auto& [id, stats] : requests_) MergeOne(id, stats, unmeasured, &all);
  return all;
}

IterationStats Sums::AllIterations() const {
  IterationStats all;
  for (const auto& [scenario, stats] : iterations_) all.Merge(stats);
  all.groups.clear();
  return all;
}

std::map<uint32_t, ArrivalCounts> Sums::ArrivalsByScenario() const {
  std::map<uint32_t, ArrivalCounts> sums;
  for (const auto& [id, counts] : arrivals_) sums[id.scenario].Merge(counts);
  return sums;
}

std::map<Sums::SeriesId, RequestStats> Sums::ByRequest(const UnmeasuredStages& unmeasured) const {
  std::map<SeriesId, RequestStats> sums;
  for (const auto& [id, stats] : requests_) {
    MergeOne(id, stats, unmeasured, &sums[{id.request, id.scenario, 0}]);
  }
  return sums;
}

v1::Totals TotalsOf(const RequestStats& stats) {
  v1::Totals totals;
  WriteSorted(stats, totals.mutable_requests());
  return totals;
}

}  // namespace loadfleet
