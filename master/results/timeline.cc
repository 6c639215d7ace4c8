#include "master/results/timeline.h"

#include "common/stats/quantile.h"

namespace loadfleet {

void Timeline::AddCounts(const Sums& sums, Second* second) const {
  v1::TimelineSecond& shown = second->shown;
  const ArrivalCounts arrivals = sums.AllArrivals();
  shown.set_intended(shown.intended() + arrivals.intended);
  shown.set_started(shown.started() + arrivals.started);
  shown.set_dropped(shown.dropped() + arrivals.Dropped());
  for (const auto& [id, stats] : sums.requests()) {
    shown.set_completed(shown.completed() + stats.Completed());
    shown.set_failed(shown.failed() + stats.Failed());
    if (open_scenarios_[id.scenario]) second->completed_open += stats.Completed();
  }
}

Timeline::Second Timeline::Reduce(uint32_t number, const Sums& sums) const {
  Second second;
  second.shown.set_second(number);
  AddCounts(sums, &second);
  const RequestStats requests = sums.AllRequests();
  *second.shown.mutable_response_time() =
      SummaryQuantiles(requests.response_time, requests.response_time_censored);
  return second;
}

void Timeline::AddLate(uint32_t second, const Sums& delta) {
  // An agent that was given up has come back with what it kept: its counts belong here, and the
  // totals have its samples; the quantiles of the second stay as they were shown.
  Second& closed = closed_[second];
  closed.shown.set_second(second);
  AddCounts(delta, &closed);
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

std::optional<NewestSecond> Timeline::Newest() const {
  Second second;
  if (!closed_.empty()) {
    second = closed_.rbegin()->second;
  } else if (!open_.empty()) {
    second = Reduce(open_.rbegin()->first, open_.rbegin()->second);
  } else {
    return std::nullopt;
  }
  NewestSecond newest;
  newest.summary.set_second(second.shown.second());
  newest.summary.set_completed(second.shown.completed());
  newest.summary.set_failed(second.shown.failed());
  newest.summary.set_dropped(second.shown.dropped());
  *newest.summary.mutable_response_time() = second.shown.response_time();
  newest.completed_open = second.completed_open;
  return newest;
}

void Timeline::Fill(google::protobuf::RepeatedPtrField<v1::TimelineSecond>* seconds) const {
  for (const auto& [number, second] : closed_) *seconds->Add() = second.shown;
  for (const auto& [number, sums] : open_) *seconds->Add() = Reduce(number, sums).shown;
}

}  // namespace loadfleet
