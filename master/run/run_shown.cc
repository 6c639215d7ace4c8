// What others see of a run: watchers, the exporter, the list of runs.
#include <algorithm>
#include <map>
#include <memory>

#include "common/plan_shape.h"
#include "master/run/run.h"

namespace loadfleet {

Run::Snapshot Run::MakeSnapshot() const {
  auto snapshot = std::make_shared<v1::RunSnapshot>();
  snapshot->set_run_id(run_id_);
  snapshot->set_name(plan_.name());
  snapshot->set_state(state_);
  snapshot->set_elapsed_ns(Elapsed());
  snapshot->set_duration_ns(LoadDuration(plan_));
  snapshot->set_planned_rate(PlannedRequestRate(plan_));
  results_.FillSnapshot(snapshot.get());
  for (const auto& [key, part] : parts_) {
    const AgentRecord* agent = orders_.Living(part.who());
    if (agent != nullptr && !part.lost && agent->health == v1::AGENT_HEALTH_UP) {
      snapshot->set_agents_up(snapshot->agents_up() + 1);
    }
  }
  snapshot->set_agents_total(static_cast<uint32_t>(parts_.size()));
  for (const std::string& note : notes_) snapshot->add_notes(note);
  if (ended()) *snapshot->mutable_report() = *report_;
  return snapshot;
}

RunMetrics Run::MakeMetrics() const {
  RunMetrics metrics;
  metrics.run_id = run_id_;
  metrics.name = plan_.name();
  metrics.state = state_;
  metrics.planned_rate = state_ == v1::RUN_STATE_RUNNING ? PlannedRate(plan_) : 0;
  metrics.final_seconds = results_.FinalBelow();
  metrics.windows_applied = results_.windows_applied();
  metrics.windows_duplicate = results_.windows_duplicate();
  metrics.windows_conflicting = results_.windows_conflicting();
  const std::map<uint32_t, ArrivalCounts> arrivals = results_.sums().ArrivalsByScenario();
  for (int i = 0; i < plan_.scenarios_size(); ++i) {
    ScenarioSnapshot& scenario = metrics.scenarios.emplace_back();
    scenario.name = plan_.scenarios(i).name();
    const auto index = static_cast<uint32_t>(i);
    if (const auto found = arrivals.find(index); found != arrivals.end()) {
      scenario.arrivals = found->second;
    }
    const auto& iterations = results_.sums().iterations();
    if (const auto found = iterations.find(index); found != iterations.end()) {
      scenario.completed = found->second.completed;
      scenario.failed = found->second.failed;
      scenario.interrupted = found->second.interrupted;
    }
  }
  for (const auto& [id, stats] : results_.sums().ByRequest()) {
    metrics.requests.push_back(
        RequestSnapshot::Of(plan_.scenarios(static_cast<int>(id.scenario)).name(),
                            RequestName(plan_, id.request), stats));
  }
  return metrics;
}

void Run::FillLevels(uint64_t incarnation, AgentSnapshot* agent) const {
  const AgentAccount* account = results_.Find(agent->name, incarnation);
  if (account == nullptr) return;
  for (const v1::ArrivalLevels& levels : account->newest().levels()) {
    agent->in_flight += levels.in_flight();
    agent->oldest_age = std::max<Nanos>(agent->oldest_age,
                                        static_cast<Nanos>(levels.oldest_age_us()) * kMicrosecond);
  }
}

void Run::FillEntry(v1::RunEntry* entry) const {
  entry->set_state(state_);
  entry->set_duration_ns(Elapsed());
  v1::RunSnapshot snapshot;
  results_.FillSnapshot(&snapshot);
  entry->set_completed(snapshot.completed());
  if (Elapsed() > 0) {
    entry->set_achieved_rate(static_cast<double>(snapshot.completed()) * kSecond /
                             static_cast<double>(Elapsed()));
  }
}

}  // namespace loadfleet
