// What the master's web listener shows: made once a second by the thread that owns the cluster's
// state, then never changed. Plain values, small enough to make anew each time.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/stats/request_stats.h"
#include "loadfleet/v1/api.pb.h"
#include "master/web/latency_buckets.h"

namespace loadfleet {

struct AgentSnapshot {
  std::string name;
  v1::AgentHealth health = v1::AGENT_HEALTH_UP;
  Nanos heartbeat_age = 0;  // since the newest heartbeat
  Nanos offset_bound = 0;   // on the error of its clock offset; 0: not measured yet
  uint64_t in_flight = 0;   // requests
  Nanos oldest_age = 0;     // of what is in flight or waiting there, from its intended time
};

struct ScenarioSnapshot {
  std::string name;
  ArrivalCounts arrivals;
  uint64_t completed = 0;  // iterations
  uint64_t failed = 0;
  uint64_t interrupted = 0;
};

// One request of one scenario, over the whole run so far.
struct RequestSnapshot {
  std::string scenario;
  std::string request;
  uint64_t started = 0;
  std::array<uint64_t, kOutcomeSlots> outcomes{};  // indexed by Outcome
  std::vector<std::pair<uint16_t, uint64_t>> statuses;
  uint64_t bytes_sent = 0;
  uint64_t bytes_received = 0;
  uint64_t checks_passed = 0;
  uint64_t checks_failed = 0;
  LatencyBuckets response_time;  // arrivals without a complete response are above every edge
  LatencyBuckets service_time;   // of complete responses

  static RequestSnapshot Of(std::string scenario, std::string request, const RequestStats& stats);
};

struct RunMetrics {
  std::string run_id;
  std::string name;
  v1::RunState state = v1::RUN_STATE_PREPARING;
  double planned_rate = 0;     // arrivals per second now; 0: none (closed model, ended)
  uint32_t final_seconds = 0;  // run-seconds for which every window is in
  uint64_t windows_applied = 0;
  uint64_t windows_duplicate = 0;
  uint64_t windows_conflicting = 0;  // the key was known, the content was not
  std::vector<ScenarioSnapshot> scenarios;
  std::vector<RequestSnapshot> requests;
};

struct ClusterSnapshot {
  bool store_healthy = true;  // false: the store cannot commit
  std::vector<AgentSnapshot> agents;
  std::vector<RunMetrics> runs;  // live, and recently ended
};

}  // namespace loadfleet
