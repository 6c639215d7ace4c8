#include "agent/record/recording.h"

namespace loadfleet {

Recording::Recording(size_t series_count, size_t scenario_count,
                     const std::vector<std::vector<uint32_t>>& groups)
    : series(series_count),
      arrivals(scenario_count),
      iterations(scenario_count),
      levels(scenario_count) {
  for (size_t i = 0; i < groups.size(); ++i) {
    for (const uint32_t group : groups[i]) iterations[i].groups.emplace_back().group = group;
  }
}

void Recording::Clear() {
  last = false;
  for (RequestStats& stats : series) stats.Clear();
  for (ArrivalCounts& counts : arrivals) counts = ArrivalCounts();
  for (IterationStats& stats : iterations) stats.Clear();
  for (ScenarioLevels& level : levels) level = ScenarioLevels();
  loop_lag.Clear();
  worker_cpu = 0;
  span = 0;
  connections_opened = 0;
  open_connections = 0;
}

}  // namespace loadfleet
