// A cluster in which every metric has a sample.
#pragma once

#include "master/web/cluster_snapshot.h"

namespace loadfleet {

inline RequestStats SampleStats() {
  RequestStats stats;
  stats.started = 5;
  stats.outcomes[static_cast<size_t>(Outcome::kOk)] = 2;
  stats.outcomes[static_cast<size_t>(Outcome::kBadStatus)] = 1;
  stats.outcomes[static_cast<size_t>(Outcome::kInterrupted)] = 1;
  stats.statuses.Add(200, 2);
  stats.statuses.Add(503, 1);
  stats.checks_passed = 5;
  stats.checks_failed = 1;
  stats.bytes_sent = 300;
  stats.bytes_received = 4000;
  stats.response_time.Record(90);
  stats.response_time.Record(2'000);
  stats.response_time.Record(120'000'000);
  stats.response_time_censored.Record(700'000);
  stats.service_time.Record(80);
  return stats;
}

inline ClusterSnapshot SampleCluster() {
  ClusterSnapshot cluster;
  cluster.agents = {
      {"agent-1", v1::AGENT_HEALTH_UP, 250 * kMillisecond, 2 * kMillisecond, 7, 30 * kMillisecond},
      {"agent-2", v1::AGENT_HEALTH_LOST, 9 * kSecond, 0, 0, 0}};
  RunMetrics run;
  run.run_id = "r1";
  run.name = "quick\"start";
  run.state = v1::RUN_STATE_RUNNING;
  run.planned_rate = 5000;
  run.final_seconds = 12;
  run.windows_applied = 24;
  run.windows_duplicate = 1;
  run.scenarios = {
      {"main", {.intended = 10, .started = 7, .dropped_saturated = 2, .dropped_late = 1}, 4, 2, 1}};
  run.requests.push_back(RequestSnapshot::Of("main", "ping", SampleStats()));
  cluster.runs.push_back(std::move(run));
  return cluster;
}

}  // namespace loadfleet
