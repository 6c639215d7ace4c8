#include "master/results/thresholds/selection.h"

#include <algorithm>

#include "common/plan_shape.h"
#include "common/request_selection.h"
#include "common/stages.h"
#include "common/stats/outcome.h"

namespace loadfleet {
namespace {

bool OfIterations(v1::ThresholdMetric metric) {
  return metric == v1::THRESHOLD_ITERATION_DURATION || metric == v1::THRESHOLD_GROUP_DURATION;
}

bool KnowsNoStages(v1::ThresholdMetric metric) {
  return metric == v1::THRESHOLD_CONNECT_TIME || metric == v1::THRESHOLD_TLS_TIME ||
         OfIterations(metric);
}

bool OfArrivals(v1::ThresholdMetric metric) {
  return metric == v1::THRESHOLD_DROPPED || metric == v1::THRESHOLD_ITERATIONS;
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

// What seconds cannot tell apart is one.
std::vector<Span> Joined(std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> joined;
  for (const Span& span : spans) {
    if (joined.empty() || span.begin >= joined.back().end + kSecond) {
      joined.push_back(span);
    } else {
      joined.back().end = std::max(joined.back().end, span.end);
    }
  }
  return joined;
}

// Whether a scenario did anything at all.
bool Stirs(const Sums& sums, uint32_t scenario) {
  const auto of_it = [scenario](const auto& one) { return one.first.scenario == scenario; };
  return std::any_of(
             sums.arrivals().begin(), sums.arrivals().end(),
             [&](const auto& one) { return of_it(one) && !(one.second == ArrivalCounts()); }) ||
         std::any_of(sums.requests().begin(), sums.requests().end(),
                     [&](const auto& one) { return of_it(one) && !one.second.empty(); }) ||
         sums.iterations().count(scenario) > 0;
}

}  // namespace

Selection::Selection(const v1::Plan& plan, const v1::Threshold& threshold)
    : metric_(threshold.measured()), selector_(threshold.selector()) {
  const std::vector<bool> in_flow = FlowsWithSelected(plan, threshold);
  for (const v1::Flow& flow : plan.flows()) requests_.merge(SelectedRequests(flow, selector_));
  for (int i = 0; i < plan.scenarios_size(); ++i) {
    const v1::Scenario& scenario = plan.scenarios(i);
    const auto index = static_cast<uint32_t>(i);
    if (selector_.has_scenario() && selector_.scenario() != index) continue;
    const std::vector<v1::WeightedFlow> flows = FlowsOf(scenario);
    if (std::none_of(flows.begin(), flows.end(), [&](const v1::WeightedFlow& flow) {
          return flow.flow() < in_flow.size() && in_flow[flow.flow()];
        })) {
      continue;
    }
    const Nanos start = scenario.start_time_ns();
    const std::vector<Stage> stages = StagesOf(scenario);
    if (stages.empty() && selector_.stage().empty()) {
      stages_.emplace(index, 0);
      AddSpan(plan, index, {start, start + LoadDuration(scenario)});
    }
    for (size_t s = 0; s < stages.size(); ++s) {
      if (!selector_.stage().empty() && stages[s].name != selector_.stage()) continue;
      if (!stages[s].measured && !KnowsNoStages(metric_)) continue;
      const auto stage = static_cast<uint32_t>(s);
      stages_.emplace(index, stage);
      if (stages[s].idle) continue;  // what comes in it is late, of the stage before
      AddSpan(plan, index, {start + stages[s].begin, start + stages[s].end});
    }
  }
  spans_ = Joined(std::move(spans_));
  certain_ = Joined(std::move(certain_));
  if (spans_.empty()) spans_.emplace_back();
}

void Selection::AddSpan(const v1::Plan& plan, uint32_t scenario, Span span) {
  spans_.push_back(span);
  if (MayEndEarly(plan, plan.scenarios(static_cast<int>(scenario)))) {
    open_ended_.emplace_back(scenario, span.begin);
  } else {
    certain_.push_back(span);
  }
}

std::optional<Nanos> Selection::DueSince(Nanos second, const Sums& sums) const {
  std::optional<Nanos> since;
  const auto due = [&since](Nanos begin) { since = std::min(begin, since.value_or(begin)); };
  for (const Span& span : certain_) {
    if (span.begin < second + kSecond && second < span.end) due(span.begin);
  }
  for (const auto& [scenario, begin] : open_ended_) {
    if (begin < second + kSecond && begin < since.value_or(INT64_MAX) && Stirs(sums, scenario)) {
      due(begin);
    }
  }
  return since;
}

void Selection::Collect(const Sums& sums, Evidence* evidence) const {
  if (OfArrivals(metric_)) {
    for (const auto& [id, counts] : sums.arrivals()) {
      if (stages_.count({id.scenario, id.stage}) == 0) continue;
      evidence->count += metric_ == v1::THRESHOLD_DROPPED ? counts.Dropped() : counts.started;
      evidence->of += counts.intended;
    }
    return;
  }
  if (OfIterations(metric_)) {
    for (const auto& [scenario, stats] : sums.iterations()) {
      if (!selector_.has_scenario() || selector_.scenario() == scenario) {
        CollectIterations(stats, evidence);
      }
    }
    return;
  }
  const bool some = SelectsRequests(selector_);
  for (const auto& [id, stats] : sums.requests()) {
    if (stages_.count({id.scenario, id.stage}) == 0) continue;
    if (some && requests_.count(id.request) == 0) continue;
    CollectRequest(stats, evidence);
  }
}

void Selection::CollectIterations(const IterationStats& stats, Evidence* evidence) const {
  if (metric_ == v1::THRESHOLD_ITERATION_DURATION) {
    evidence->times.Merge(stats.duration);
    evidence->censored.Merge(stats.duration_censored);
    return;
  }
  for (const GroupTimes& group : stats.groups) {
    if (selector_.has_group() && selector_.group() != group.group) continue;
    evidence->times.Merge(group.duration);
    evidence->censored.Merge(group.duration_censored);
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
    case v1::THRESHOLD_CHECKS:
      evidence->count += stats.checks_passed;
      evidence->of += stats.checks_passed + stats.checks_failed;
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
