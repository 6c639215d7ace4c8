#include "agent/engine/origin_pools.h"

#include <algorithm>
#include <utility>

#include "agent/connection/dns_resolver.h"

namespace loadfleet {

OriginPools::OriginPools(EventLoop& loop, const RunPlan& plan, uint32_t max_connections,
                         ConnectionObserver* observer)
    : loop_(loop), plan_(plan) {
  for (size_t i = 0; i < plan.origins.size(); ++i) Add(i, max_connections, observer);
}

void OriginPools::Add(size_t index, uint32_t max_connections, ConnectionObserver* observer) {
  const PreparedOrigin& origin = plan_.origins[index];
  PoolOptions options;
  options.host = HostOf(origin);
  options.sources = plan_.network.sources;
  options.connection.protocol = origin.protocol;
  options.connection.max_streams = std::max<uint32_t>(1, plan_.connections.max_streams());
  options.connection.pipelining = std::max<uint32_t>(1, plan_.connections.pipelining());
  if (origin.secure) {
    static constexpr AlpnOffer kOffers[] = {AlpnOffer::kHttp1, AlpnOffer::kHttp2, AlpnOffer::kBoth};
    tls_.push_back(std::make_unique<TlsClient>(*plan_.tls, origin.host,
                                               kOffers[static_cast<size_t>(origin.protocol)]));
    options.connection.tls = tls_.back().get();
  }
  options.max_connections = max_connections;
  options.max_requests = plan_.connections.keep_alive() ? plan_.connections.max_requests() : 1;
  options.lifetime = plan_.connections.lifetime_ns();
  options.warm_for =
      &*std::find_if(plan_.requests.begin(), plan_.requests.end(),
                     [index](const RequestTemplate& r) { return r.origin == index; });
  options.observer = observer;
  pools_.push_back(std::make_unique<ConnectionPool>(loop_, std::move(options)));
  transports_.push_back(pools_.back().get());
}

HostOptions OriginPools::HostOf(const PreparedOrigin& origin) {
  HostOptions options;
  options.addresses = origin.addresses;
  if (plan_.dns.select() == v1::ADDRESS_FIRST) options.order = AddressOrder::kFirst;
  if (!origin.by_name || plan_.dns.ttl_ns() == 0) return options;
  if (resolver_ == nullptr) {
    // What was prepared goes on without: its addresses are known.
    auto resolver = DnsResolver::Create(loop_);
    if (!resolver.ok()) return options;
    resolver_ = *std::move(resolver);
  }
  options.resolver = resolver_.get();
  options.host = origin.host;
  options.port = origin.port;
  options.ttl = plan_.dns.ttl_ns();
  options.check = [this](const SocketAddress& address) {
    const absl::Status status = CheckReach(address, plan_.network);
    if (status.ok()) return Outcome::kOk;
    return absl::IsPermissionDenied(status) ? Outcome::kBlockedTarget : Outcome::kUnreachable;
  };
  return options;
}

}  // namespace loadfleet
