#include "master/web/exporter.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/web/metrics.h"

namespace loadfleet {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

double Seconds(Nanos nanos) {
  return static_cast<double>(nanos) * 1e-9;
}

// RUN_STATE_RUNNING is `running`, AGENT_HEALTH_UP is `up`.
std::string LabelOf(const std::string& enumerator, size_t prefix_length) {
  return absl::AsciiStrToLower(enumerator.substr(prefix_length));
}

std::string StateLabel(v1::RunState state) {
  return LabelOf(v1::RunState_Name(state), sizeof("RUN_STATE_") - 1);
}

std::string HealthLabel(v1::AgentHealth health) {
  return LabelOf(v1::AgentHealth_Name(health), sizeof("AGENT_HEALTH_") - 1);
}

const char* ClassLabel(OutcomeClass outcome_class) {
  switch (outcome_class) {
    case OutcomeClass::kOk:
      return "ok";
    case OutcomeClass::kTarget:
      return "target";
    case OutcomeClass::kGenerator:
      return "generator";
    case OutcomeClass::kPolicy:
      return "policy";
  }
  return "";
}

void AddHistogram(MetricFamily& family, MetricLabels labels, const LatencyBuckets& latency) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.histogram.sample_count = latency.count;
  metric.histogram.sample_sum = static_cast<double>(latency.sum_us) * 1e-6;
  for (size_t i = 0; i < kLatencyEdgesMicros.size(); ++i) {
    // Divided, not multiplied by 1e-6: the quotient is the double that prints as 0.025.
    metric.histogram.bucket.push_back(
        {latency.at_or_below[i], static_cast<double>(kLatencyEdgesMicros[i]) / 1e6});
  }
}

void AddAgents(const std::vector<AgentSnapshot>& agents, std::vector<MetricFamily>& out) {
  MetricFamily by_health =
      GaugeFamily("loadfleet_agents", "Agents that the master knows, by health.");
  for (const auto health : {v1::AGENT_HEALTH_UP, v1::AGENT_HEALTH_SUSPECT, v1::AGENT_HEALTH_LOST}) {
    double count = 0;
    for (const AgentSnapshot& agent : agents) count += agent.health == health ? 1 : 0;
    AddSample(by_health, {{"health", HealthLabel(health)}}, count);
  }
  MetricFamily up = GaugeFamily("loadfleet_agent_up", "1 while the agent's heartbeats come in.");
  MetricFamily age = GaugeFamily("loadfleet_agent_heartbeat_age_seconds",
                                 "Time since the agent's newest heartbeat.");
  MetricFamily bound =
      GaugeFamily("loadfleet_agent_clock_offset_bound_seconds",
                  "Largest possible error of the agent's clock against the master's.");
  MetricFamily in_flight = GaugeFamily("loadfleet_agent_in_flight_requests",
                                       "Requests that the agent has sent and not seen end.");
  MetricFamily oldest = GaugeFamily(
      "loadfleet_agent_oldest_request_age_seconds",
      "Age of the oldest request in flight or waiting at the agent, from its intended time.");
  for (const AgentSnapshot& agent : agents) {
    const MetricLabels labels = {{"agent", agent.name}};
    AddSample(up, labels, agent.health == v1::AGENT_HEALTH_UP ? 1 : 0);
    AddSample(age, labels, Seconds(agent.heartbeat_age));
    if (agent.offset_bound > 0) AddSample(bound, labels, Seconds(agent.offset_bound));
    AddSample(in_flight, labels, static_cast<double>(agent.in_flight));
    AddSample(oldest, labels, Seconds(agent.oldest_age));
  }
  for (MetricFamily* family : {&by_health, &up, &age, &bound, &in_flight, &oldest}) {
    out.push_back(std::move(*family));
  }
}

void AddRuns(const std::vector<RunMetrics>& runs, std::vector<MetricFamily>& out) {
  MetricFamily info = GaugeFamily("loadfleet_run_info", "Always 1; `name` is the plan's.");
  MetricFamily state = GaugeFamily("loadfleet_run_state", "1 for the state that the run is in.");
  MetricFamily rate = GaugeFamily("loadfleet_run_planned_arrivals_per_second",
                                  "Arrivals per second that the plan asks for now.");
  MetricFamily seconds =
      GaugeFamily("loadfleet_run_final_seconds",
                  "Seconds of the run for which the windows of every living agent are in.");
  MetricFamily windows =
      CounterFamily("loadfleet_run_windows_total",
                    "Windows received from agents, by what the exactly-once ledger did with them.");
  for (const RunMetrics& run : runs) {
    const ClientMetric::Label id = {"run", run.run_id};
    AddSample(info, {id, {"name", run.name}}, 1);
    for (const auto each : {v1::RUN_STATE_PREPARING, v1::RUN_STATE_STARTING, v1::RUN_STATE_RUNNING,
                            v1::RUN_STATE_FINISHING, v1::RUN_STATE_ENDED}) {
      AddSample(state, {id, {"state", StateLabel(each)}}, run.state == each ? 1 : 0);
    }
    AddSample(rate, {id}, run.planned_rate);
    AddSample(seconds, {id}, run.final_seconds);
    AddSample(windows, {id, {"result", "applied"}}, static_cast<double>(run.windows_applied));
    AddSample(windows, {id, {"result", "duplicate"}}, static_cast<double>(run.windows_duplicate));
    AddSample(windows, {id, {"result", "conflicting"}},
              static_cast<double>(run.windows_conflicting));
  }
  for (MetricFamily* family : {&info, &state, &rate, &seconds, &windows}) {
    out.push_back(std::move(*family));
  }
}

void AddArrivals(const std::vector<RunMetrics>& runs, std::vector<MetricFamily>& out) {
  MetricFamily intended = CounterFamily("loadfleet_arrivals_intended_total",
                                        "Arrivals whose intended time has passed.");
  MetricFamily started =
      CounterFamily("loadfleet_arrivals_started_total", "Arrivals that were started.");
  MetricFamily dropped = CounterFamily("loadfleet_arrivals_dropped_total",
                                       "Arrivals that were never started, by reason.");
  MetricFamily iterations =
      CounterFamily("loadfleet_iterations_ended_total", "Iterations that ended, by how they did.");
  for (const RunMetrics& run : runs) {
    for (const ScenarioSnapshot& scenario : run.scenarios) {
      const MetricLabels labels = {{"run", run.run_id}, {"scenario", scenario.name}};
      const auto drop = [&](const char* reason, uint64_t count) {
        MetricLabels with_reason = labels;
        with_reason.push_back({"reason", reason});
        AddSample(dropped, std::move(with_reason), static_cast<double>(count));
      };
      AddSample(intended, labels, static_cast<double>(scenario.arrivals.intended));
      AddSample(started, labels, static_cast<double>(scenario.arrivals.started));
      drop("saturated", scenario.arrivals.dropped_saturated);
      drop("late", scenario.arrivals.dropped_late);
      drop("fenced", scenario.arrivals.dropped_fenced);
      const auto ended = [&](const char* ending, uint64_t count) {
        MetricLabels with_ending = labels;
        with_ending.push_back({"ending", ending});
        AddSample(iterations, std::move(with_ending), static_cast<double>(count));
      };
      ended("completed", scenario.completed);
      ended("failed", scenario.failed);
      ended("interrupted", scenario.interrupted);
    }
  }
  for (MetricFamily* family : {&intended, &started, &dropped, &iterations}) {
    out.push_back(std::move(*family));
  }
}

void AddOutcomes(MetricFamily& family, const MetricLabels& labels, const RequestSnapshot& request) {
  for (const Outcome outcome : AllOutcomes()) {
    const uint64_t count = request.outcomes[static_cast<size_t>(outcome)];
    // 19 series for every request would be mostly zeros; `ok` is there from the start.
    if (count == 0 && outcome != Outcome::kOk) continue;
    MetricLabels with_outcome = labels;
    with_outcome.push_back({"outcome", std::string(OutcomeName(outcome))});
    with_outcome.push_back({"class", ClassLabel(ClassOf(outcome))});
    AddSample(family, std::move(with_outcome), static_cast<double>(count));
  }
}

void AddRequests(const std::vector<RunMetrics>& runs, std::vector<MetricFamily>& out) {
  MetricFamily started =
      CounterFamily("loadfleet_requests_started_total", "Requests that agents began.");
  MetricFamily ended = CounterFamily("loadfleet_requests_ended_total",
                                     "Requests that ended, by outcome and by whose doing it was.");
  MetricFamily responses =
      CounterFamily("loadfleet_responses_total", "Complete responses, by HTTP status.");
  MetricFamily sent = CounterFamily("loadfleet_sent_bytes_total", "Bytes written to the target.");
  MetricFamily received =
      CounterFamily("loadfleet_received_bytes_total", "Bytes read from the target.");
  MetricFamily response_time = HistogramFamily(
      "loadfleet_response_time_seconds",
      "From the intended time to the last byte of the response. What never got a complete response "
      "counts above every edge, and in the sum with its age when it was given up.");
  MetricFamily service_time =
      HistogramFamily("loadfleet_service_time_seconds",
                      "From the first byte sent to the last byte of a complete response.");
  for (const RunMetrics& run : runs) {
    for (const RequestSnapshot& request : run.requests) {
      const MetricLabels labels = {
          {"run", run.run_id}, {"scenario", request.scenario}, {"request", request.request}};
      AddSample(started, labels, static_cast<double>(request.started));
      AddOutcomes(ended, labels, request);
      for (const auto& [status, count] : request.statuses) {
        MetricLabels with_status = labels;
        with_status.push_back({"status", absl::StrCat(status)});
        AddSample(responses, std::move(with_status), static_cast<double>(count));
      }
      AddSample(sent, labels, static_cast<double>(request.bytes_sent));
      AddSample(received, labels, static_cast<double>(request.bytes_received));
      AddHistogram(response_time, labels, request.response_time);
      AddHistogram(service_time, labels, request.service_time);
    }
  }
  for (MetricFamily* family :
       {&started, &ended, &responses, &sent, &received, &response_time, &service_time}) {
    out.push_back(std::move(*family));
  }
}

void AddChecks(const std::vector<RunMetrics>& runs, std::vector<MetricFamily>& out) {
  MetricFamily checks =
      CounterFamily("loadfleet_checks_total", "Checks of responses, by whether they held.");
  for (const RunMetrics& run : runs) {
    for (const RequestSnapshot& request : run.requests) {
      const auto add = [&](const char* result, uint64_t count) {
        AddSample(checks,
                  {{"run", run.run_id},
                   {"scenario", request.scenario},
                   {"request", request.request},
                   {"result", result}},
                  static_cast<double>(count));
      };
      add("passed", request.checks_passed);
      add("failed", request.checks_failed);
    }
  }
  out.push_back(std::move(checks));
}

}  // namespace

std::vector<MetricFamily> ClusterMetrics(const ClusterSnapshot& cluster) {
  std::vector<MetricFamily> families;
  MetricFamily store =
      GaugeFamily("loadfleet_store_healthy", "1 while the run store commits, 0 when it cannot.");
  AddSample(store, {}, cluster.store_healthy ? 1 : 0);
  families.push_back(std::move(store));
  AddAgents(cluster.agents, families);
  AddRuns(cluster.runs, families);
  AddArrivals(cluster.runs, families);
  AddRequests(cluster.runs, families);
  AddChecks(cluster.runs, families);
  return families;
}

}  // namespace loadfleet
