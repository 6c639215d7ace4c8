#include "agent/web/agent_metrics.h"

#include <string>

#include "absl/strings/ascii.h"
#include "common/web/metrics.h"

namespace loadfleet {
namespace {

double Seconds(Nanos nanos) {
  return static_cast<double>(nanos) * 1e-9;
}

bool HasRun(v1::AgentState state) {
  return state == v1::AGENT_STATE_RUNNING || state == v1::AGENT_STATE_FINISHING ||
         state == v1::AGENT_STATE_FENCED;
}

}  // namespace

std::vector<prometheus::MetricFamily> AgentMetrics(const AgentCondition& condition) {
  std::vector<prometheus::MetricFamily> families;
  const auto gauge = [&](const char* name, const char* help, double value) {
    families.push_back(GaugeFamily(name, help));
    AddSample(families.back(), {}, value);
  };
  gauge("loadfleet_generator_registered", "1 while the agent is registered with its master.",
        condition.registered ? 1 : 0);
  gauge("loadfleet_generator_lease_remaining_seconds",
        "Time until the agent starts no more requests, unless the master answers a heartbeat.",
        Seconds(condition.lease_left));
  gauge("loadfleet_generator_run_in_progress",
        "1 from the start of a run until its windows are delivered.",
        HasRun(condition.state) ? 1 : 0);
  gauge("loadfleet_generator_workers", "Threads that generate load.", condition.workers);
  gauge("loadfleet_generator_unacknowledged_windows",
        "Windows kept until the master has committed them.",
        static_cast<double>(condition.unacknowledged_windows));
  gauge("loadfleet_generator_busiest_worker_cpu_ratio",
        "Share of its CPU that the busiest worker used in the run's last second, 0 to 1.",
        condition.busiest_worker_cpu);
  gauge("loadfleet_generator_loop_lag_max_seconds",
        "How late a worker woke for what it had planned, at worst in the run's last second.",
        Seconds(condition.loop_lag_max));
  gauge("loadfleet_generator_open_connections", "Connections to the target.",
        static_cast<double>(condition.open_connections));

  families.push_back(
      GaugeFamily("loadfleet_generator_state", "1 for the state that the agent is in."));
  for (const auto each :
       {v1::AGENT_STATE_IDLE, v1::AGENT_STATE_PREPARING, v1::AGENT_STATE_READY,
        v1::AGENT_STATE_RUNNING, v1::AGENT_STATE_FINISHING, v1::AGENT_STATE_FENCED}) {
    const std::string name = v1::AgentState_Name(each).substr(sizeof("AGENT_STATE_") - 1);
    AddSample(families.back(), {{"state", absl::AsciiStrToLower(name)}},
              condition.state == each ? 1 : 0);
  }
  return families;
}

}  // namespace loadfleet
