// What a machine can do without a fault: limits in time mean something only beside it.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/fault/fault_cluster.h"

namespace loadfleet {

struct ControlRun {
  double service_p99_ms = 0;
  std::string busy;  // why no limit in time means anything here; empty: they do
};

// A few seconds of this load on a whole cluster.
ControlRun RunControl(FaultCluster& cluster, PlannedLoad load);

// Of the requests that came in [from, to): how many a second.
double RateBetween(const std::vector<TruthServer::Request>& truth, absl::Time from, absl::Time to);

// When the last of them came; InfinitePast when none did. `agent` empty: of all.
absl::Time LastOf(const std::vector<TruthServer::Request>& truth, const std::string& agent);

}  // namespace loadfleet

// In a test, before its fault. A bad control says nothing about the programs.
#define SKIP_WHEN_BUSY(control) \
  if (!(control).busy.empty()) GTEST_SKIP() << "INCONCLUSIVE: " << (control).busy
