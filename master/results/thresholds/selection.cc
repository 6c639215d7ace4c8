#include "master/results/thresholds/selection.h"

#include <algorithm>

#include "common/plan_shape.h"
#include "common/stages.h"
#include "common/stats/outcome.h"

namespace loadfleet {
namespace {

bool OfConnections(v1::ThresholdMetric metric) {
  return metric == v1::THRESHOLD_CONNECT_TIME || metric == v1::THRESHOLD_TLS_TIME;
}

uint64_t OfClass(const RequestStats& stats, OutcomeClass wanted) {
  uint64_t count = 0;
  for (const Outcome outcome : AllOutcomes()) {
    if (ClassOf(outcome) == wanted) count += stats.CountOf(outcome);
  }
  return count;
}

uint64_t WithStatus(const RequestStats& stats, const v1::ThresholdSelector& selector) {
  uint64_t sum = 0;
  for (const auto& [status, count] : stats.statuses.counts()) {
    if (status >= selector.min_status() && status <= selector.max_status()) sum += count;
  }
  return sum;
}

}  // namespace

Selection::Selection(const v1::Plan& plan, const v1::Threshold& threshold)
    : metric_(threshold.measured()), selector_(threshold.selector()) {
  for (int i = 0; i < plan.scenarios_size(); ++i) {
    const auto index = static_cast<uint32_t>(i);
    if (selector_.has_scenario() && selector_.scenario() != index) continue;
    const Nanos start = plan.scenarios(i).start_time_ns();
    const std::vector<Stage> stages = StagesOf(plan.scenarios(i));
    if (stages.empty() && selector_.stage().empty()) {
      Add(index, 0, start, start + LoadDuration(plan.scenarios(i)));
    }
    for (size_t s = 0; s < stages.size(); ++s) {
      if (!selector_.stage().empty() && stages[s].name != selector_.stage()) continue;
      if (!stages[s].measured && !OfConnections(metric_)) continue;
      Add(index, static_cast<uint32_t>(s), start + stages[s].begin, start + stages[s].end);
    }
  }
}

void Selection::Add(uint32_t scenario, uint32_t stage, Nanos begin, Nanos end) {
  begin_ = stages_.empty() ? begin : std::min(begin_, begin);
  end_ = std::max(end_, end);
  stages_.emplace(scenario, stage);
}

void Selection::Collect(const Sums& sums, Evidence* evidence) const {
  if (metric_ == v1::THRESHOLD_DROPPED || metric_ == v1::THRESHOLD_ITERATIONS) {
    for (const auto& [id, counts] : sums.arrivals()) {
      if (stages_.count({id.scenario, id.stage}) == 0) continue;
      evidence->count += metric_ == v1::THRESHOLD_DROPPED ? counts.Dropped() : counts.started;
      evidence->of += counts.intended;
    }
    return;
  }
  for (const auto& [id, stats] : sums.requests()) {
    if (stages_.count({id.scenario, id.stage}) == 0) continue;
    if (selector_.has_request() && selector_.request() != id.request) continue;
    CollectRequest(stats, evidence);
  }
}

void Selection::CollectRequest(const RequestStats& stats, Evidence* evidence) const {
  const uint64_t ok = stats.CountOf(Outcome::kOk);
  const uint64_t of_target = OfClass(stats, OutcomeClass::kTarget);
  switch (metric_) {
    case v1::THRESHOLD_RESPONSE_TIME:
      evidence->times.Merge(stats.response_time);
      evidence->censored.Merge(stats.response_time_censored);
      break;
    case v1::THRESHOLD_SERVICE_TIME:
      evidence->times.Merge(stats.service_time);
      break;
    case v1::THRESHOLD_QUEUE_WAIT:
      evidence->times.Merge(stats.queue_wait);
      break;
    case v1::THRESHOLD_LATENESS:
      evidence->times.Merge(stats.lateness);
      break;
    case v1::THRESHOLD_CONNECT_TIME:
      evidence->times.Merge(stats.connect_time);
      break;
    case v1::THRESHOLD_TLS_TIME:
      evidence->times.Merge(stats.tls_time);
      break;
    case v1::THRESHOLD_FIRST_BYTE_TIME:
      evidence->times.Merge(stats.first_byte_time);
      break;
    case v1::THRESHOLD_FAILED_REQUESTS:
      // What the generator or the policy did is no failure of the target, nor a success.
      evidence->count += of_target;
      evidence->of += ok + of_target;
      break;
    default:
      evidence->count +=
          selector_.min_status() > 0 ? WithStatus(stats, selector_) : ok + stats.Failed();
      break;
  }
}

}  // namespace loadfleet
