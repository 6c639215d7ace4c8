#include "agent/record/recording.h"

#include <algorithm>

namespace loadfleet {

Recording::Recording(const RecordingKeys& keys)
    : series(keys.series.size()),
      arrivals(keys.arrivals.size()),
      iterations(keys.scenarios()),
      levels(keys.scenarios()) {
  for (size_t i = 0; i < keys.scenarios(); ++i) {
    for (const uint32_t group : keys.groups[i]) iterations[i].groups.emplace_back().group = group;
  }
}

void Recording::Clear() {
  last = false;
  for (RequestStats& stats : series) stats.Clear();
  for (ArrivalCounts& counts : arrivals) counts = ArrivalCounts();
  for (IterationStats& stats : iterations) stats.Clear();
  for (ScenarioLevels& level : levels) level = ScenarioLevels();
  failures.clear();
  traces.Clear();
  loop_lag.Clear();
  worker_cpu = 0;
  span = 0;
  connections_opened = 0;
  open_connections = 0;
}

bool Recording::empty() const {
  const auto nothing = [](const auto& stats) { return stats.empty(); };
  return std::all_of(series.begin(), series.end(), nothing) &&
         std::all_of(iterations.begin(), iterations.end(), nothing) &&
         std::all_of(arrivals.begin(), arrivals.end(),
                     [](const ArrivalCounts& counts) { return counts == ArrivalCounts(); });
}

}  // namespace loadfleet
