// The connection pools of one worker: one for each origin of the plan, and those that redirects and
// captures lead to while it runs.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/connection/connection_pool.h"
#include "agent/connection/resolver.h"
#include "agent/engine/event_loop.h"
#include "agent/engine/run_plan.h"
#include "agent/scenario/navigation.h"

namespace loadfleet {

// The worker's thread only. Borrows what it is given. Whatever ends an exchange here may bring a
// new origin with it.
class OriginPools final : public Destinations {
 public:
  // `max_connections`: of each.
  OriginPools(EventLoop& loop, const RunPlan& plan, uint32_t max_connections,
              ConnectionObserver* observer);
  ~OriginPools() override;

  // By RequestTemplate::origin.
  const std::vector<Transport*>& planned() const { return planned_; }

  // At most limits::kOtherOrigins beside the plan's. Their names are asked for when the first
  // request waits.
  Transport* To(const OriginName& origin, Protocol protocol) override;

  // As ConnectionPool's, of all of them and those to come.
  void Limit(uint32_t max_connections);
  // Likewise, of all of them.
  void Warm();
  bool warm() const;
  void ExpireWaiting(Nanos now);
  void DropWaiting(Nanos now);
  void AbandonOf(const ExchangeListener& listener, Nanos now);
  void Abandon(Nanos now);
  uint64_t open_connections() const;
  uint64_t connections_opened() const;

 private:
  struct Other {
    OriginName origin;
    Protocol protocol;
    ConnectionPool* pool;  // null: load may not go there
  };

  ConnectionPool* Add(const PreparedOrigin& origin, const RequestTemplate* warm_for);
  HostOptions HostOf(const PreparedOrigin& origin);
  bool Ask(const PreparedOrigin& origin, HostOptions* options);
  ConnectionPool* Open(const OriginName& origin, Protocol protocol);

  EventLoop& loop_;
  const RunPlan& plan_;
  uint32_t max_connections_;
  ConnectionObserver* const observer_;
  std::vector<std::unique_ptr<TlsClient>> tls_;        // of the secure origins
  std::deque<std::unique_ptr<ConnectionPool>> pools_;  // the plan's first
  std::vector<Transport*> planned_;
  std::vector<Other> others_;
  std::unique_ptr<Resolver> resolver_;  // null: nobody need be asked
};

}  // namespace loadfleet
