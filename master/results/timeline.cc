#include "master/results/timeline.h"

#include <algorithm>

#include "common/stats/quantile.h"

namespace loadfleet {
namespace {

void AddCounts(const ArrivalCounts& arrivals, const RequestStats& requests,
               v1::TimelineSecond* second) {
  second->set_intended(second->intended() + arrivals.intended);
  second->set_started(second->started() + arrivals.started);
  second->set_dropped(second->dropped() + arrivals.Dropped());
  second->set_completed(second->completed() + requests.Completed());
  second->set_failed(second->failed() + requests.Failed());
}

v1::TimelineSecond Reduce(uint32_t number, const Sums& sums) {
  v1::TimelineSecond second;
  second.set_second(number);
  const RequestStats requests = sums.AllRequests();
  AddCounts(sums.AllArrivals(), requests, &second);
  *second.mutable_response_time() =
      SummaryQuantiles(requests.response_time, requests.response_time_censored);
  return second;
}

}  // namespace

void Timeline::Add(uint32_t second, const Sums& delta) {
  if (second >= final_below_) {
    open_[second].Merge(delta);
    return;
  }
  // An agent that was given up has come back with what it kept: its counts belong here, and the
  // totals have its samples; the quantiles of the second stay as they were shown.
  v1::TimelineSecond& closed = closed_[second];
  closed.set_second(second);
  AddCounts(delta.AllArrivals(), delta.AllRequests(), &closed);
}

void Timeline::Close(uint32_t below) {
  if (below <= final_below_) return;
  final_below_ = below;
  for (auto it = open_.begin(); it != open_.end() && it->first < below; it = open_.erase(it)) {
    closed_[it->first] = Reduce(it->first, it->second);
  }
}

const Sums* Timeline::Open(uint32_t second) const {
  const auto found = open_.find(second);
  return found == open_.end() ? nullptr : &found->second;
}

std::optional<v1::SecondSummary> Timeline::Newest() const {
  v1::TimelineSecond newest;
  if (!closed_.empty()) {
    newest = closed_.rbegin()->second;
  } else if (!open_.empty()) {
    newest = Reduce(open_.rbegin()->first, open_.rbegin()->second);
  } else {
    return std::nullopt;
  }
  v1::SecondSummary summary;
  summary.set_second(newest.second());
  summary.set_completed(newest.completed());
  summary.set_failed(newest.failed());
  summary.set_dropped(newest.dropped());
  *summary.mutable_response_time() = newest.response_time();
  return summary;
}

void Timeline::Fill(google::protobuf::RepeatedPtrField<v1::TimelineSecond>* seconds) const {
  for (const auto& [number, second] : closed_) *seconds->Add() = second;
  for (const auto& [number, sums] : open_) *seconds->Add() = Reduce(number, sums);
}

}  // namespace loadfleet
