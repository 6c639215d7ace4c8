#include "agent/engine/origin_pools.h"

#include <algorithm>

#include "agent/connection/dns_resolver.h"
#include "agent/engine/planned_addresses.h"
#include "common/limits.h"

namespace loadfleet {

OriginPools::OriginPools(EventLoop& loop, const RunPlan& plan, uint32_t max_connections,
                         ConnectionObserver* observer)
    : loop_(loop), plan_(plan), max_connections_(max_connections), observer_(observer) {
  for (size_t i = 0; i < plan.origins.size(); ++i) {
    const RequestTemplate& first =
        *std::find_if(plan.requests.begin(), plan.requests.end(),
                      [i](const RequestTemplate& request) { return request.origin == i; });
    planned_.push_back(Add(plan.origins[i], &first));
  }
}

OriginPools::~OriginPools() = default;

ConnectionPool* OriginPools::Add(const PreparedOrigin& origin, const RequestTemplate* warm_for) {
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
  options.max_connections = max_connections_;
  options.max_requests = plan_.connections.keep_alive() ? plan_.connections.max_requests() : 1;
  options.lifetime = plan_.connections.lifetime_ns();
  options.warm_for = warm_for;
  options.observer = observer_;
  return pools_.emplace_back(std::make_unique<ConnectionPool>(loop_, std::move(options))).get();
}

HostOptions OriginPools::HostOf(const PreparedOrigin& origin) {
  HostOptions options;
  options.addresses = origin.addresses;
  if (plan_.dns.select() == v1::ADDRESS_FIRST) options.order = AddressOrder::kFirst;
  // Without a resolver what was prepared goes on: its addresses are known.
  if (origin.by_name && plan_.dns.ttl_ns() > 0) Ask(origin, &options);
  return options;
}

// False: nobody can be asked.
bool OriginPools::Ask(const PreparedOrigin& origin, HostOptions* options) {
  if (resolver_ == nullptr) {
    auto resolver = DnsResolver::Create(loop_);
    if (!resolver.ok()) return false;
    resolver_ = *std::move(resolver);
  }
  options->resolver = resolver_.get();
  options->host = origin.host;
  options->port = origin.port;
  options->ttl = plan_.dns.ttl_ns();
  options->check = [this](const SocketAddress& address) {
    const absl::Status status = CheckReach(address, plan_.network);
    if (status.ok()) return Outcome::kOk;
    return absl::IsPermissionDenied(status) ? Outcome::kBlockedTarget : Outcome::kUnreachable;
  };
  return true;
}

Transport* OriginPools::To(const OriginName& origin, Protocol protocol) {
  for (size_t i = 0; i < plan_.origins.size(); ++i) {
    const PreparedOrigin& planned = plan_.origins[i];
    if (planned.secure == origin.secure && planned.port == origin.port &&
        planned.host == origin.host && planned.protocol == protocol) {
      return planned_[i];
    }
  }
  for (const Other& other : others_) {
    if (other.origin == origin && other.protocol == protocol) return other.pool;
  }
  if (others_.size() >= limits::kOtherOrigins) return nullptr;
  ConnectionPool* pool = Open(origin, protocol);
  others_.push_back({origin, protocol, pool});
  return pool;
}

ConnectionPool* OriginPools::Open(const OriginName& origin, Protocol protocol) {
  PreparedOrigin made;
  made.host = origin.host;
  made.port = origin.port;
  made.secure = origin.secure;
  made.protocol = protocol;
  auto known = PlannedAddresses(made.host, made.port, plan_.connections.unix_socket(), plan_.dns);
  if (!known.ok()) return nullptr;
  // As at prepare: one address that is refused is enough.
  for (const SocketAddress& address : *known) {
    const absl::Status status = CheckReach(address, plan_.network);
    if (absl::IsPermissionDenied(status)) return nullptr;
    if (status.ok()) made.addresses.push_back(address);
  }
  made.by_name = known->empty();
  return made.by_name || !made.addresses.empty() ? Add(made, nullptr) : nullptr;
}

void OriginPools::Limit(uint32_t max_connections) {
  max_connections_ = max_connections;
  // By index, here and below: an exchange that ends may bring another pool.
  for (size_t i = 0; i < pools_.size(); ++i) pools_[i]->Limit(max_connections);
}

void OriginPools::Warm() {
  for (auto& pool : pools_) pool->Warm();
}

bool OriginPools::warm() const {
  return std::all_of(pools_.begin(), pools_.end(), [](const auto& pool) { return pool->warm(); });
}

void OriginPools::ExpireWaiting(Nanos now) {
  for (size_t i = 0; i < pools_.size(); ++i) pools_[i]->ExpireWaiting(now);
}

void OriginPools::DropWaiting(Nanos now) {
  for (size_t i = 0; i < pools_.size(); ++i) pools_[i]->DropWaiting(now);
}

void OriginPools::AbandonOf(const ExchangeListener& listener, Nanos now) {
  for (size_t i = 0; i < pools_.size(); ++i) pools_[i]->AbandonOf(listener, now);
}

void OriginPools::Abandon(Nanos now) {
  for (size_t i = 0; i < pools_.size(); ++i) pools_[i]->Abandon(now);
}

uint64_t OriginPools::open_connections() const {
  uint64_t open = 0;
  for (const auto& pool : pools_) open += pool->open_connections();
  return open;
}

uint64_t OriginPools::connections_opened() const {
  uint64_t opened = 0;
  for (const auto& pool : pools_) opened += pool->connections_opened();
  return opened;
}

}  // namespace loadfleet
