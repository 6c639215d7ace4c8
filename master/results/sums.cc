#include "master/results/sums.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

void WriteSorted(const RequestStats& stats, v1::RequestStats* message) {
  stats.ToProto(message);
  std::sort(
      message->mutable_statuses()->begin(), message->mutable_statuses()->end(),
      [](const v1::StatusCount& a, const v1::StatusCount& b) { return a.status() < b.status(); });
}

}  // namespace

absl::Status Sums::Add(const ArrivalList& arrivals, const RequestList& requests,
                       const IterationList& iterations) {
  for (const v1::ArrivalStats& message : arrivals) {
    arrivals_[message.scenario()].MergeProto(message);
  }
  for (const v1::RequestStats& message : requests) {
    RequestStats& stats = requests_[{message.request(), message.scenario(), message.stage()}];
    if (absl::Status status = stats.MergeProto(message); !status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("request ", message.request(), ": ", status.message()));
    }
  }
  for (const v1::IterationStats& message : iterations) {
    absl::Status status = iterations_[message.scenario()].MergeProto(message);
    if (status.ok()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("iterations of scenario ", message.scenario(), ": ", status.message()));
  }
  return absl::OkStatus();
}

void Sums::Merge(const Sums& other) {
  for (const auto& [scenario, counts] : other.arrivals_) arrivals_[scenario].Merge(counts);
  for (const auto& [id, stats] : other.requests_) requests_[id].Merge(stats);
  for (const auto& [scenario, stats] : other.iterations_) iterations_[scenario].Merge(stats);
}

void Sums::ToProto(ArrivalList* arrivals, RequestList* requests, IterationList* iterations) const {
  for (const auto& [scenario, counts] : arrivals_) {
    v1::ArrivalStats* message = arrivals->Add();
    message->set_scenario(scenario);
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

v1::Totals Sums::ToTotals() const {
  v1::Totals totals = TotalsOf(AllRequests());
  AllArrivals().ToProto(totals.mutable_arrivals());
  AllIterations().ToProto(totals.mutable_iterations());
  return totals;
}

ArrivalCounts Sums::AllArrivals() const {
  ArrivalCounts all;
  for (const auto& [scenario, counts] : arrivals_) all.Merge(counts);
  return all;
}

RequestStats Sums::AllRequests() const {
  RequestStats all;
  for (const auto& [id, stats] : requests_) all.Merge(stats);
  return all;
}

IterationStats Sums::AllIterations() const {
  IterationStats all;
  for (const auto& [scenario, stats] : iterations_) all.Merge(stats);
  all.groups.clear();
  return all;
}

v1::Totals TotalsOf(const RequestStats& stats) {
  v1::Totals totals;
  WriteSorted(stats, totals.mutable_requests());
  return totals;
}

}  // namespace loadfleet
