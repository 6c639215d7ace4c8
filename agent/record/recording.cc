#include "agent/record/recording.h"

namespace loadfleet {

void Recording::Clear() {
  last = false;
  for (RequestStats& stats : series) stats.Clear();
  for (ArrivalCounts& counts : arrivals) counts = ArrivalCounts();
  for (ScenarioLevels& level : levels) level = ScenarioLevels();
  loop_lag.Clear();
  worker_cpu = 0;
  span = 0;
  connections_opened = 0;
  open_connections = 0;
}

}  // namespace loadfleet
