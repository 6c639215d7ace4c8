#include "tests/fault/control_run.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

using nlohmann::json;

constexpr double kLatenessMs = 100;
constexpr double kRateError = 0.05;

}  // namespace

ControlRun RunControl(FaultCluster& cluster, PlannedLoad load) {
  load.duration = absl::Seconds(5);
  cluster.Start(load);
  const json summary = cluster.Finish();
  ControlRun control;
  control.service_p99_ms = summary.at("service_time").at("p99_ms");
  const double lateness = summary.at("lateness").at("p99_ms");
  if (lateness > kLatenessMs) {
    control.busy = absl::StrCat("without a fault the agents are ", lateness, " ms late already");
  }
  const std::vector<TruthServer::Request> truth = cluster.truth().Log();
  const absl::Time start = truth.front().at;
  const auto planned = static_cast<double>(load.rate);
  for (int second = 0; second < 4; ++second) {
    const absl::Time from = start + absl::Seconds(second);
    const double rate = RateBetween(truth, from, from + absl::Seconds(1));
    if (rate < planned * (1 - kRateError) || rate > planned * (1 + kRateError)) {
      control.busy = absl::StrCat("without a fault second ", second, " has ", rate, "/s");
    }
  }
  return control;
}

double RateBetween(const std::vector<TruthServer::Request>& truth, absl::Time from, absl::Time to) {
  const auto count = std::count_if(
      truth.begin(), truth.end(),
      [&](const TruthServer::Request& request) { return request.at >= from && request.at < to; });
  return static_cast<double>(count) / absl::ToDoubleSeconds(to - from);
}

absl::Time LastOf(const std::vector<TruthServer::Request>& truth, const std::string& agent) {
  absl::Time last = absl::InfinitePast();
  for (const TruthServer::Request& request : truth) {
    if (agent.empty() || request.agent == agent) last = std::max(last, request.at);
  }
  return last;
}

}  // namespace loadfleet
