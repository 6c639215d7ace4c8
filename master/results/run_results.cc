#include "master/results/run_results.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/limits.h"
#include "common/plan_shape.h"
#include "common/schedule/arrival_schedule.h"
#include "common/stages.h"
#include "common/stats/quantile.h"
#include "common/threshold_text.h"
#include "master/results/stage_reports.h"
#include "master/results/verdict.h"

namespace loadfleet {
namespace {

// What in flight ends when its time is up, and the window that says so comes a moment later.
constexpr uint32_t kSlackSeconds = 60;

uint32_t SecondsIn(Nanos duration) {
  return static_cast<uint32_t>((duration + kSecond - 1) / kSecond);
}

std::vector<uint32_t> StageCounts(const v1::Plan& plan) {
  std::vector<uint32_t> counts;
  for (const v1::Scenario& scenario : plan.scenarios()) {
    counts.push_back(std::max<uint32_t>(1, static_cast<uint32_t>(StagesOf(scenario).size())));
  }
  return counts;
}

std::vector<bool> OpenScenarios(const v1::Plan& plan) {
  std::vector<bool> open;
  for (const v1::Scenario& scenario : plan.scenarios()) {
    open.push_back(OpenModelOf(scenario) != nullptr);
  }
  return open;
}

// Whether only a part of the scenarios has a planned rate.
bool Mixed(const std::vector<bool>& open) {
  return std::adjacent_find(open.begin(), open.end(), std::not_equal_to<>()) != open.end();
}

}  // namespace

RunResults::RunResults(std::string run_id, v1::Plan plan, Secrets secrets)
    : run_id_(std::move(run_id)),
      plan_(std::move(plan)),
      secrets_(std::move(secrets)),
      requests_(RequestsOf(plan_).size()),
      last_second_(SecondsIn(LoadDuration(plan_) + GracefulStop(plan_)) + kSlackSeconds),
      unmeasured_(plan_),
      stage_counts_(StageCounts(plan_)),
      open_(OpenScenarios(plan_)),
      timeline_(open_),
      thresholds_(plan_) {}

void RunResults::AddAgent(const std::string& agent_id, uint64_t incarnation, SlotSet slots,
                          Nanos from) {
  AgentAccount agent(agent_id, incarnation, plan_.validity(), unmeasured_);
  agent.BeginAt(static_cast<uint32_t>(from / kSecond));
  agent.tenure().Gain(from, std::move(slots));
  agents_[{agent_id, incarnation}] = std::move(agent);
}

void RunResults::RemoveAgent(const std::string& agent_id, uint64_t incarnation) {
  agents_.erase({agent_id, incarnation});
  CloseSeconds();
}

void RunResults::Gain(const std::string& agent_id, uint64_t incarnation, Nanos from,
                      const SlotSet& slots) {
  if (AgentAccount* agent = Find(agent_id, incarnation)) agent->tenure().Gain(from, slots);
}

void RunResults::Lose(const std::string& agent_id, uint64_t incarnation, Nanos from,
                      const SlotSet& slots) {
  if (AgentAccount* agent = Find(agent_id, incarnation)) agent->tenure().Lose(from, slots);
}

void RunResults::SetOffsetBound(const std::string& agent_id, uint64_t incarnation, Nanos bound) {
  if (AgentAccount* agent = Find(agent_id, incarnation)) agent->set_offset_bound(bound);
}

// --- what comes in ---

absl::StatusOr<RunResults::Applied> RunResults::Apply(const v1::Window& window) {
  AgentAccount* agent = Find(window.key());
  if (agent == nullptr) return absl::InvalidArgumentError("a window of nobody who takes part");
  if (absl::Status status = Check(window); !status.ok()) return status;
  const v1::WindowKey& key = window.key();
  const uint64_t checksum = ChecksumOf(window);
  Applied applied;
  applied.fate = agent->ledger().Judge(key.first_seq(), key.last_seq(), checksum);
  if (applied.fate == WindowFate::kDuplicate) agent->CountDuplicate();
  if (applied.fate == WindowFate::kConflict) ++conflicts_;
  if (applied.fate != WindowFate::kApplied) return applied;

  Sums delta;
  if (absl::Status status = delta.Add(window.arrivals(), window.requests(), window.iterations());
      !status.ok()) {
    return status;
  }
  const auto traces = TracesOf(window);
  if (!traces.ok()) return traces.status();
  for (const TraceSample& trace : *traces) traces_.Add(trace);
  for (v1::ExchangeRecord record : window.failures()) {
    secrets_.HideIn(&record);
    record.set_agent_id(key.agent_id());
    failures_.Add(std::move(record));
  }
  agent->ledger().Enter(key.first_seq(), key.last_seq(), checksum);
  agent->Add(window, delta);
  total_.Merge(delta);
  const bool late = window.last_second() < timeline_.final_below();
  timeline_.Add(window.last_second(), delta);
  if (late) thresholds_.AddLate(delta);

  applied.commit = CommitOf(key, checksum, *agent);
  applied.commit.second = window.last_second();
  v1::Window merged;
  if (late) {
    applied.commit.addition = ++additions_;
    delta.ToProto(merged.mutable_arrivals(), merged.mutable_requests(),
                  merged.mutable_iterations());
  } else {
    timeline_.Open(window.last_second())
        ->ToProto(merged.mutable_arrivals(), merged.mutable_requests(),
                  merged.mutable_iterations());
  }
  applied.commit.merged_second = merged.SerializeAsString();
  CloseSeconds();
  return applied;
}

absl::StatusOr<RunResults::Applied> RunResults::ApplySummary(const v1::FinalSummary& summary) {
  AgentAccount* agent = Find(summary.key());
  if (agent == nullptr) return absl::InvalidArgumentError("a summary of nobody who takes part");
  if (absl::Status status = CheckIds(summary.arrivals(), summary.requests(), summary.iterations());
      !status.ok()) {
    return status;
  }
  Applied applied;
  const uint64_t checksum = ChecksumOf(summary);
  if (agent->delivered()) {
    const bool same = agent->summary_checksum() == checksum;
    applied.fate = same ? WindowFate::kDuplicate : WindowFate::kConflict;
    if (!same) ++conflicts_;
    return applied;
  }
  if (absl::Status status = agent->Close(summary); !status.ok()) return status;
  applied.commit = CommitOf(summary.key(), checksum, *agent);
  applied.commit.summary = true;
  CloseSeconds();
  return applied;
}

void RunResults::MarkLost(const std::string& agent_id, uint64_t incarnation, uint32_t second,
                          const std::string& why) {
  AgentAccount* agent = Find(agent_id, incarnation);
  if (agent == nullptr) return;
  agent->MarkLost(second, why);
  CloseSeconds();
}

void RunResults::MarkBack(const std::string& agent_id, uint64_t incarnation, uint32_t second) {
  if (AgentAccount* agent = Find(agent_id, incarnation)) agent->MarkBack(second);
}

void RunResults::MarkGap(const std::string& agent_id, uint64_t incarnation) {
  if (AgentAccount* agent = Find(agent_id, incarnation)) agent->MarkGap();
}

// A second is final when the watermark of every agent that may still send has passed it.
void RunResults::CloseSeconds() {
  uint32_t below = UINT32_MAX;
  uint32_t highest = 0;
  for (const auto& [id, agent] : agents_) {
    highest = std::max(highest, agent.watermark());
    if (!agent.lost() && !agent.delivered()) below = std::min(below, agent.watermark());
  }
  below = std::min(below, highest);
  const Sums nothing;
  for (uint32_t second = timeline_.final_below(); second < below; ++second) {
    const Sums* sums = timeline_.Open(second);
    thresholds_.AddSecond(second, sums == nullptr ? nothing : *sums);
  }
  timeline_.Close(below);
}

AgentAccount* RunResults::Find(const v1::WindowKey& key) {
  return key.run_id() == run_id_ ? Find(key.agent_id(), key.incarnation()) : nullptr;
}

AgentAccount* RunResults::Find(const std::string& agent_id, uint64_t incarnation) {
  const auto found = agents_.find({agent_id, incarnation});
  return found == agents_.end() ? nullptr : &found->second;
}

const AgentAccount* RunResults::Find(const std::string& agent_id, uint64_t incarnation) const {
  const auto found = agents_.find({agent_id, incarnation});
  return found == agents_.end() ? nullptr : &found->second;
}

absl::Status RunResults::Check(const v1::Window& window) const {
  const v1::WindowKey& key = window.key();
  if (key.first_seq() == 0 || key.last_seq() < key.first_seq()) {
    return absl::InvalidArgumentError(
        absl::StrCat("windows ", key.first_seq(), "..", key.last_seq(), " make no sense"));
  }
  if (window.last_second() < window.first_second() || window.last_second() > last_second_ ||
      window.watermark() > last_second_ + 1) {
    return absl::InvalidArgumentError(absl::StrCat("seconds ", window.first_second(), "..",
                                                   window.last_second(), " with watermark ",
                                                   window.watermark(), " are beyond the run"));
  }
  for (const v1::ExchangeRecord& record : window.failures()) {
    if (record.scenario() >= static_cast<uint32_t>(plan_.scenarios_size()) ||
        record.request() >= requests_) {
      return absl::InvalidArgumentError(absl::StrCat("a failure of request ", record.request(),
                                                     " in scenario ", record.scenario()));
    }
    if (absl::Status status = KeptFailures::Check(record); !status.ok()) return status;
  }
  return CheckIds(window.arrivals(), window.requests(), window.iterations());
}

absl::Status RunResults::CheckIds(const Sums::ArrivalList& arrivals,
                                  const Sums::RequestList& requests,
                                  const Sums::IterationList& iterations) const {
  const auto scenarios = static_cast<uint32_t>(plan_.scenarios_size());
  for (const v1::ArrivalStats& stats : arrivals) {
    if (stats.scenario() >= scenarios || stats.stage() >= stage_counts_[stats.scenario()]) {
      return absl::InvalidArgumentError(
          absl::StrCat("no scenario ", stats.scenario(), ", stage ", stats.stage()));
    }
  }
  for (const v1::RequestStats& stats : requests) {
    if (stats.scenario() >= scenarios || stats.request() >= requests_ ||
        stats.stage() >= stage_counts_[stats.scenario()]) {
      return absl::InvalidArgumentError(absl::StrCat("no request ", stats.request(),
                                                     " in scenario ", stats.scenario(), ", stage ",
                                                     stats.stage()));
    }
  }
  for (const v1::IterationStats& stats : iterations) {
    if (stats.scenario() >= scenarios) {
      return absl::InvalidArgumentError(absl::StrCat("no scenario ", stats.scenario()));
    }
    for (const v1::GroupStats& group : stats.groups()) {
      if (group.group() < limits::kGroups) continue;
      return absl::InvalidArgumentError(absl::StrCat("no group ", group.group()));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TraceSample>> RunResults::TracesOf(const v1::Window& window) const {
  std::vector<TraceSample> traces;
  for (const v1::TracedRequest& message : window.traces()) {
    auto trace = TraceSampleOf(message);
    if (!trace.ok()) return trace.status();
    if (trace->scenario >= static_cast<uint32_t>(plan_.scenarios_size()) ||
        trace->request >= requests_ || trace->second > last_second_) {
      return absl::InvalidArgumentError(absl::StrCat("a trace of request ", trace->request,
                                                     " in scenario ", trace->scenario, ", second ",
                                                     trace->second));
    }
    trace->agent_id = window.key().agent_id();
    traces.push_back(*std::move(trace));
  }
  return traces;
}

WindowCommit RunResults::CommitOf(const v1::WindowKey& key, uint64_t checksum,
                                  const AgentAccount& agent) const {
  WindowCommit commit;
  commit.run_id = run_id_;
  commit.agent_id = key.agent_id();
  commit.incarnation = key.incarnation();
  commit.first_seq = key.first_seq();
  commit.last_seq = key.last_seq();
  commit.checksum = checksum;
  commit.agent_totals = agent.Report().SerializeAsString();
  return commit;
}

// --- what goes out ---

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
  Sums sum;
  for (const auto& [id, agent] : agents_) {
    if (!agent.Reconciled()) return false;
    sum.Merge(agent.sums());
  }
  return sum.ToTotals(unmeasured_).SerializeAsString() ==
         total_.ToTotals(unmeasured_).SerializeAsString();
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
