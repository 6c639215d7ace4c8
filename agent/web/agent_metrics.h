// The agent's condition as Prometheus metrics. docs/metrics.md describes each.
#pragma once

#include <vector>

#include <prometheus/metric_family.h>

#include "agent/web/agent_web.h"

namespace loadfleet {

std::vector<prometheus::MetricFamily> AgentMetrics(const AgentCondition& condition);

}  // namespace loadfleet
