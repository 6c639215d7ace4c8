// The connections of one loop: a pool for each origin of a plan, and what they share.
#pragma once

#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "agent/connection/connection_pool.h"
#include "agent/connection/resolver.h"
#include "agent/engine/event_loop.h"
#include "agent/engine/run_plan.h"

namespace loadfleet {

// The loop's thread only. Borrows everything it is given.
class OriginPools {
 public:
  // `max_connections` of each. `observer` may be null.
  OriginPools(EventLoop& loop, const RunPlan& plan, uint32_t max_connections,
              ConnectionObserver* observer);

  absl::Span<const std::unique_ptr<ConnectionPool>> pools() const { return pools_; }
  // The same, as executors see them: by RequestTemplate::origin.
  absl::Span<Transport* const> transports() const { return transports_; }

 private:
  void Add(size_t index, uint32_t max_connections, ConnectionObserver* observer);
  HostOptions HostOf(const PreparedOrigin& origin);

  EventLoop& loop_;
  const RunPlan& plan_;
  std::vector<std::unique_ptr<TlsClient>> tls_;  // of the secure origins
  std::vector<std::unique_ptr<ConnectionPool>> pools_;
  std::vector<Transport*> transports_;
  std::unique_ptr<Resolver> resolver_;  // null: no origin has a name that grows old
};

}  // namespace loadfleet
