// What is known of a run as people are shown it: while it lasts, and when it has ended.
#include <algorithm>
#include <functional>

#include "common/plan_shape.h"
#include "common/schedule/arrival_schedule.h"
#include "common/stats/quantile.h"
#include "common/threshold_text.h"
#include "master/results/run_results.h"
#include "master/results/stage_reports.h"
#include "master/results/verdict.h"

namespace loadfleet {
namespace {

// Whether only a part of the scenarios has a planned rate.
bool Mixed(const std::vector<bool>& open) {
  return std::adjacent_find(open.begin(), open.end(), std::not_equal_to<>()) != open.end();
}

}  // namespace

bool RunResults::Complete() const {
  return std::all_of(agents_.begin(), agents_.end(), [](const auto& entry) {
    return entry.second.delivered() || entry.second.lost();
  });
}

uint64_t RunResults::windows_applied() const {
  uint64_t sum = 0;
  for (const auto& [id, agent] : agents_) sum += agent.ledger().size();
  return sum;
}

uint64_t RunResults::windows_duplicate() const {
  uint64_t sum = 0;
  for (const auto& [id, agent] : agents_) sum += agent.duplicates();
  return sum;
}

void RunResults::FillSnapshot(v1::RunSnapshot* snapshot) const {
  if (auto newest = timeline_.Newest()) {
    snapshot->set_provisional(newest->summary.second() >= timeline_.final_below());
    if (Mixed(open_)) {
      snapshot->set_planned_achieved_rate(static_cast<double>(newest->completed_open));
    }
    *snapshot->mutable_last_second() = std::move(newest->summary);
  }
  const ArrivalCounts arrivals = total_.AllArrivals();
  const RequestStats requests = total_.AllRequests(unmeasured_);
  snapshot->set_intended(arrivals.intended);
  snapshot->set_started(arrivals.started);
  snapshot->set_dropped(arrivals.Dropped());
  snapshot->set_completed(requests.Completed());
  snapshot->set_failed(requests.Failed());
  for (const auto& [id, agent] : agents_) {
    for (const v1::ArrivalLevels& levels : agent.newest().levels()) {
      snapshot->set_in_flight(snapshot->in_flight() + levels.in_flight());
      snapshot->set_oldest_age_us(std::max(snapshot->oldest_age_us(), levels.oldest_age_us()));
    }
  }
  *snapshot->mutable_thresholds() = thresholds_.Standing();
  *snapshot->mutable_response_time() =
      SummaryQuantiles(requests.response_time, requests.response_time_censored);
}

Nanos RunResults::Measured() const {
  Nanos measured = 0;
  for (const auto& [id, agent] : agents_) measured = std::max(measured, agent.measured());
  return measured;
}

// The arrivals that a single machine's schedule has before `duration`; where each agent stops by
// itself (most_iterations_each), the sum of theirs.
double RunResults::PlannedArrivals(Nanos duration) const {
  double planned = 0;
  for (int i = 0; i < plan_.scenarios_size(); ++i) {
    const v1::Scenario& scenario = plan_.scenarios(i);
    const auto arrivals = static_cast<double>(
        loadfleet::PlannedArrivals(scenario, plan_.seed(), static_cast<uint32_t>(i), duration));
    if (scenario.most_iterations_each() == 0) {
      planned += arrivals;
      continue;
    }
    // To within an arrival of each agent.
    for (const auto& [id, agent] : agents_) {
      planned += std::min(arrivals * agent.tenure().Share(0, duration),
                          static_cast<double>(scenario.most_iterations_each()));
    }
  }
  return planned;
}

uint64_t RunResults::IntendedOpen() const {
  uint64_t intended = 0;
  for (const auto& [id, counts] : total_.arrivals()) {
    if (open_[id.scenario]) intended += counts.intended;
  }
  return intended;
}

// Of open scenarios, by agents that stood still for a while: there it was not the target that held
// them back.
uint64_t RunResults::DroppedInGaps() const {
  uint64_t dropped = 0;
  for (const auto& [key, agent] : agents_) {
    if (!agent.has_gap()) continue;
    for (const auto& [id, counts] : agent.sums().arrivals()) {
      if (open_[id.scenario]) dropped += counts.dropped_fenced;
    }
  }
  return dropped;
}

// Planned for agents that were lost or have left, and in none of their windows. Not of a scenario
// in which each agent stops by itself: nobody knows which arrivals those would have been.
uint64_t RunResults::UnknownArrivals(Nanos duration) const {
  uint64_t unknown = 0;
  for (int i = 0; i < plan_.scenarios_size(); ++i) {
    const auto index = static_cast<uint32_t>(i);
    const v1::Scenario& scenario = plan_.scenarios(i);
    if (!open_[index] || scenario.most_iterations_each() != 0) continue;
    std::map<Nanos, uint64_t> known;  // drawing Poisson arrivals takes a while
    const auto arrivals = [&](Nanos time) {
      const auto [entry, is_new] = known.try_emplace(time, 0);
      if (is_new) {
        entry->second = loadfleet::PlannedArrivals(scenario, plan_.seed(), index, time);
      }
      return entry->second;
    };
    for (const auto& [key, agent] : agents_) {
      if (!agent.has_gap()) continue;
      ArrivalCounts counts;
      for (const auto& [id, stage] : agent.sums().arrivals()) {
        if (id.scenario == index) counts.Merge(stage);
      }
      const uint64_t planned = agent.tenure().PlannedBefore(duration, arrivals);
      const uint64_t heard_of = counts.started + counts.Dropped();
      unknown += planned - std::min(planned, heard_of);
    }
  }
  return unknown;
}

void RunResults::FillRates(Nanos duration, uint64_t completed, v1::Report* report) const {
  report->set_planned_rate(PlannedRequestRate(plan_));
  if (duration <= 0) return;
  const auto per_second = [duration](uint64_t count) {
    return static_cast<double>(count) * kSecond / static_cast<double>(duration);
  };
  report->set_planned_rate(PlannedRequestRate(plan_, duration));
  report->set_achieved_rate(per_second(completed));
  if (!Mixed(open_)) return;
  uint64_t of_planned = 0;
  for (const auto& [id, stats] : total_.requests()) {
    if (open_[id.scenario]) of_planned += stats.Completed();
  }
  report->set_planned_achieved_rate(per_second(of_planned));
}

bool RunResults::Reconciled() const {
  AgentSums sum;
  for (const auto& [id, agent] : agents_) {
    if (!agent.Reconciled()) return false;
    sum.Merge(agent.sums());
  }
  return sum.ToTotals().SerializeAsString() == total_.ToTotals(unmeasured_).SerializeAsString();
}

void RunResults::FillRequests(v1::Report* report) const {
  for (const auto& [id, stats] : total_.ByRequest(unmeasured_)) {
    v1::RequestReport* request = report->add_requests();
    request->set_scenario(plan_.scenarios(static_cast<int>(id.scenario)).name());
    request->set_request(RequestName(plan_, id.request));
    *request->mutable_totals() = TotalsOf(stats);
  }
}

void RunResults::FillGroups(v1::Report* report) const {
  for (const auto& [scenario, stats] : total_.iterations()) {
    v1::IterationStats message;
    stats.ToProto(&message);
    for (const v1::GroupStats& group : message.groups()) {
      v1::GroupReport* one = report->add_groups();
      one->set_scenario(plan_.scenarios(static_cast<int>(scenario)).name());
      one->set_group(GroupName(plan_, group.group()));
      *one->mutable_stats() = group;
    }
  }
}

v1::Report RunResults::MakeReport(const RunEnding& ending) const {
  v1::Report report;
  report.set_run_id(run_id_);
  report.set_name(plan_.name());
  *report.mutable_labels() = plan_.labels();
  report.set_started_at_ms(ending.started_at_ms);
  report.set_planned_duration_ns(LoadDuration(plan_));
  report.set_duration_ns(ending.duration);

  VerdictInput input{plan_, ending.aborted, ending.reasons};
  input.coverage = 0;
  for (const auto& [id, agent] : agents_) {
    input.coverage += agent.Coverage(SecondsIn(ending.duration));
    input.agents.push_back(&agent);
    report.set_start_error_bound_ns(
        std::max<int64_t>(report.start_error_bound_ns(), agent.offset_bound()));
  }
  input.coverage = std::min(1.0, input.coverage);
  input.planned = PlannedArrivals(ending.duration);
  input.intended = IntendedOpen();
  input.dropped_in_gaps = DroppedInGaps();
  input.total = total_.AllRequests(unmeasured_);
  report.set_coverage(input.coverage);
  FillRates(ending.duration, input.total.Completed(), &report);

  *report.mutable_thresholds() = thresholds_.Final(ending.duration);
  for (const v1::ThresholdResult& result : report.thresholds()) {
    if (!result.ok()) input.failed_thresholds.push_back(ThresholdSentence(result));
  }
  const Judgement judgement = Judge(input);
  report.set_verdict(judgement.verdict);
  for (const std::string& reason : judgement.reasons) report.add_reasons(reason);
  for (const std::string& note : ending.notes) report.add_notes(note);
  for (const std::string& note : judgement.notes) report.add_notes(note);

  report.set_unknown_arrivals(UnknownArrivals(ending.duration));
  for (const v1::EpochReport& epoch : ending.epochs) *report.add_epochs() = epoch;
  for (const v1::RunEvent& event : ending.events) *report.add_events() = event;
  std::stable_sort(
      report.mutable_events()->begin(), report.mutable_events()->end(),
      [](const v1::RunEvent& a, const v1::RunEvent& b) { return a.at_ns() < b.at_ns(); });

  report.set_reconciled(Reconciled());
  *report.mutable_total() = total_.ToTotals(unmeasured_);
  FillRequests(&report);
  FillStages(plan_, total_, ending.duration, &report);
  FillGroups(&report);
  for (const auto& [id, agent] : agents_) *report.add_agents() = agent.Report();
  timeline_.Fill(report.mutable_timeline());
  failures_.Fill(report.mutable_failures());
  for (const TraceSample& trace : traces_.Sorted()) ToProto(trace, report.add_traces());
  *report.mutable_plan() = plan_;
  return report;
}

}  // namespace loadfleet
