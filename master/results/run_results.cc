#include "master/results/run_results.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/plan_shape.h"
#include "common/stages.h"

namespace loadfleet {
namespace {

// What in flight ends when its time is up, and the window that says so comes a moment later.
constexpr uint32_t kSlackSeconds = 60;

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
      thresholds_(plan_),
      commit_(run_id_) {}

void RunResults::AddAgent(const std::string& agent_id, uint64_t incarnation, SlotSet slots,
                          Nanos from) {
  AgentAccount agent(agent_id, incarnation, plan_.validity(), unmeasured_);
  agent.BeginAt(static_cast<uint32_t>(from / kSecond));
  agent.tenure().Gain(from, std::move(slots));
  agents_[{agent_id, incarnation}] = std::move(agent);
  Await(*Find(agent_id, incarnation));
}

void RunResults::RemoveAgent(const std::string& agent_id, uint64_t incarnation) {
  AgentAccount* agent = Find(agent_id, incarnation);
  if (agent == nullptr) return;
  agent->MarkLost(0, "it has left");
  Await(*agent);
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

absl::StatusOr<WindowFate> RunResults::Apply(const v1::Window& window) {
  AgentAccount* agent = Find(window.key());
  if (agent == nullptr) return absl::InvalidArgumentError("a window of nobody who takes part");
  if (absl::Status status = Check(window); !status.ok()) return status;
  const auto traces = TracesOf(window);
  if (!traces.ok()) return traces.status();
  const v1::WindowKey& key = window.key();
  const Fingerprint fingerprint =
      FingerprintOf(window.arrivals(), window.requests(), window.iterations());
  const uint64_t checksum = ChecksumOf(window, fingerprint);
  const WindowFate fate = agent->ledger().Judge(key.first_seq(), key.last_seq(), checksum);
  if (fate == WindowFate::kDuplicate) agent->CountDuplicate();
  if (fate == WindowFate::kConflict) ++conflicts_;
  if (fate != WindowFate::kApplied) return fate;

  for (const TraceSample& trace : *traces) traces_.Add(trace);
  for (v1::ExchangeRecord record : window.failures()) {
    secrets_.HideIn(&record);
    record.set_agent_id(key.agent_id());
    failures_.Add(std::move(record));
  }
  agent->ledger().Enter(key.first_seq(), key.last_seq(), checksum);
  agent->Add(window, fingerprint);
  total_.Add(window.arrivals(), window.requests(), window.iterations());
  AddToSecond(window);
  commit_.Add(
      {key.agent_id(), key.incarnation(), false, key.first_seq(), key.last_seq(), checksum});
  Await(*agent);
  CloseSeconds();
  return fate;
}

void RunResults::AddToSecond(const v1::Window& window) {
  const uint32_t second = window.last_second();
  if (second >= timeline_.final_below()) {
    timeline_.OpenAt(second).Add(window.arrivals(), window.requests(), window.iterations());
    commit_.Touch(second);
    return;
  }
  Sums delta;
  delta.Add(window.arrivals(), window.requests(), window.iterations());
  timeline_.AddLate(second, delta);
  thresholds_.AddLate(delta);
  commit_.AddLate(second, delta);
}

absl::StatusOr<WindowFate> RunResults::ApplySummary(const v1::FinalSummary& summary) {
  AgentAccount* agent = Find(summary.key());
  if (agent == nullptr) return absl::InvalidArgumentError("a summary of nobody who takes part");
  if (absl::Status status =
          CheckMeasured(summary.arrivals(), summary.requests(), summary.iterations());
      !status.ok()) {
    return status;
  }
  const v1::WindowKey& key = summary.key();
  const Fingerprint fingerprint =
      FingerprintOf(summary.arrivals(), summary.requests(), summary.iterations());
  const uint64_t checksum = ChecksumOf(summary, fingerprint);
  if (agent->delivered()) {
    if (agent->summary_checksum() == checksum) return WindowFate::kDuplicate;
    ++conflicts_;
    return WindowFate::kConflict;
  }
  agent->Close(summary, fingerprint, checksum);
  commit_.Add({key.agent_id(), key.incarnation(), true, key.first_seq(), key.last_seq(), checksum});
  Await(*agent);
  CloseSeconds();
  return WindowFate::kApplied;
}

WindowsCommit RunResults::TakeCommit() {
  WindowsCommit commit = commit_.Take(timeline_);
  std::set<std::pair<std::string, uint64_t>> done;
  for (const WindowsCommit::Entry& entry : commit.entries) {
    if (!done.emplace(entry.agent_id, entry.incarnation).second) continue;
    AgentAccount* agent = Find(entry.agent_id, entry.incarnation);
    if (agent == nullptr) continue;  // it has been taken out of the run
    WindowsCommit::Totals& totals = commit.totals.emplace_back();
    totals.agent_id = entry.agent_id;
    totals.incarnation = entry.incarnation;
    totals.fingerprint = agent->fingerprint();
    totals.totals = agent->ReportWithoutTimes().SerializeAsString();
    if (agent->TakeTimesDue()) totals.times = agent->Report().SerializeAsString();
  }
  return commit;
}

void RunResults::MarkLost(const std::string& agent_id, uint64_t incarnation, uint32_t second,
                          const std::string& why) {
  AgentAccount* agent = Find(agent_id, incarnation);
  if (agent == nullptr) return;
  agent->MarkLost(second, why);
  Await(*agent);
  CloseSeconds();
}

void RunResults::MarkBack(const std::string& agent_id, uint64_t incarnation, uint32_t second) {
  AgentAccount* agent = Find(agent_id, incarnation);
  if (agent == nullptr) return;
  agent->MarkBack(second);
  Await(*agent);
}

void RunResults::MarkGap(const std::string& agent_id, uint64_t incarnation) {
  if (AgentAccount* agent = Find(agent_id, incarnation)) agent->MarkGap();
}

// Takes note of what it still holds back.
void RunResults::Await(AgentAccount& agent) {
  highest_ = std::max(highest_, agent.watermark());
  std::optional<uint32_t> awaited;
  if (!agent.lost() && !agent.delivered()) awaited = agent.watermark();
  const std::optional<uint32_t> before = agent.SetAwaited(awaited);
  if (before == awaited) return;
  if (awaited) ++awaited_[*awaited];
  if (!before) return;
  const auto found = awaited_.find(*before);
  if (--found->second == 0) awaited_.erase(found);
}

// A second is final when the watermark of every agent that may still send has passed it.
void RunResults::CloseSeconds() {
  const uint32_t below = awaited_.empty() ? highest_ : awaited_.begin()->first;
  const Sums nothing;
  for (uint32_t second = timeline_.final_below(); second < below; ++second) {
    const Sums* sums = timeline_.Open(second);
    thresholds_.AddSecond(second, sums == nullptr ? nothing : *sums);
    if (sums != nullptr) commit_.Close(second, *sums);
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
  return CheckMeasured(window.arrivals(), window.requests(), window.iterations());
}

absl::Status RunResults::CheckMeasured(const Sums::ArrivalList& arrivals,
                                       const Sums::RequestList& requests,
                                       const Sums::IterationList& iterations) const {
  absl::Status status = CheckIds(arrivals, requests, iterations);
  status.Update(Sums::Check(requests, iterations));
  return status;
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

}  // namespace loadfleet
