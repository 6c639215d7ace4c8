#include "target/counters.h"

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

namespace loadfleet {
namespace target {

void LoopCounters::Seconds::Add(int64_t second) {
  std::atomic<uint64_t>& cell = cells_[second % limits::kTargetSeconds];
  const uint64_t stamp = static_cast<uint64_t>(second) << kCountBits;
  const uint64_t held = cell.load(std::memory_order_relaxed);
  const uint64_t count = (held & ~kCountMask) == stamp ? held & kCountMask : 0;
  cell.store(stamp | (count + 1), std::memory_order_relaxed);
}

void LoopCounters::Seconds::AddTo(TargetCounters* sum, int64_t now_second) const {
  for (int64_t second = sum->first_second; second <= now_second; ++second) {
    const uint64_t held = cells_[second % limits::kTargetSeconds].load(std::memory_order_relaxed);
    if (static_cast<int64_t>(held >> kCountBits) != second) continue;
    sum->per_second[second - sum->first_second] += held & kCountMask;
  }
}

void LoopCounters::AddTo(TargetCounters* sum, int64_t now_second) const {
  for (int route = 0; route < kRoutes; ++route) {
    const uint64_t count = by_route_[route].Get();
    if (count == 0) continue;
    sum->by_route[std::string(RouteName(static_cast<Route>(route)))] += count;
    sum->requests += count;
  }
  for (size_t status = 0; status < by_status_.size(); ++status) {
    const uint64_t count = by_status_[status].Get();
    if (count > 0) sum->by_status[static_cast<int>(status)] += count;
  }
  sum->malformed += malformed.Get();
  // Closed before accepted, so that a connection that comes and goes meanwhile never makes `open`
  // negative.
  const uint64_t gone = closed.Get();
  const uint64_t came = accepted.Get();
  sum->connections_accepted += came;
  sum->connections_open += came - std::min(gone, came);
  sum->bytes_in += bytes_in.Get();
  sum->bytes_out += bytes_out.Get();
  seconds_.AddTo(sum, now_second);
}

}  // namespace target

std::string ToJson(const TargetCounters& counters) {
  nlohmann::ordered_json by_status = nlohmann::ordered_json::object();
  for (const auto& [status, count] : counters.by_status) by_status[std::to_string(status)] = count;
  const nlohmann::ordered_json json = {
      {"requests", counters.requests},
      {"malformed", counters.malformed},
      {"by_route", counters.by_route},
      {"by_status", by_status},
      {"connections_accepted", counters.connections_accepted},
      {"connections_open", counters.connections_open},
      {"bytes_in", counters.bytes_in},
      {"bytes_out", counters.bytes_out},
      {"first_second", counters.first_second},
      {"per_second", counters.per_second},
  };
  return json.dump();
}

}  // namespace loadfleet
