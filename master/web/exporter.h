// The cluster's state as Prometheus metrics. docs/metrics.md describes each.
#pragma once

#include <vector>

#include <prometheus/metric_family.h>

#include "master/web/cluster_snapshot.h"

namespace loadfleet {

// Every family, also one that has no sample now. Counters of a run start at 0 with it.
std::vector<prometheus::MetricFamily> ClusterMetrics(const ClusterSnapshot& cluster);

}  // namespace loadfleet
