#include "agent/connection/connection_pool.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace loadfleet {
namespace {

// Long enough that a dead address of several costs next to nothing, short enough that one that has
// come back is soon used again.
constexpr Nanos kAvoid = 5 * kSecond;

}  // namespace

ConnectionPool::ConnectionPool(EventLoop& loop, PoolOptions options)
    : loop_(loop), options_(std::move(options)), avoided_until_(options_.addresses.size(), 0) {}

ConnectionPool::~ConnectionPool() = default;

void ConnectionPool::Send(Exchange& exchange) {
  if (abandoned_) {
    exchange.listener->OnExpired(exchange, loop_.clock().Now());
    return;
  }
  if (!idle_.empty()) {
    Connection* connection = idle_.back();
    idle_.pop_back();
    connection->Send(exchange);
    return;
  }
  waiting_.Push(exchange);
  OpenForWaiting();
}

// As many connections are on their way as exchanges wait, within the limit. A connection serves
// whoever has waited longest when it stands, so an exchange may also get one that became free
// meanwhile.
void ConnectionPool::OpenForWaiting() {
  if (opening_)
    return;  // a failure to open ends an exchange, whose listener may send the next at once
  opening_ = true;
  while (!abandoned_ && connections_.size() < options_.max_connections) {
    const std::optional<size_t> lane = waiting_.Unserved();
    if (!lane || !OpenOne(*lane)) break;
  }
  opening_ = false;
}

// False: nothing more can be opened now.
bool ConnectionPool::OpenOne(size_t lane) {
  const Nanos now = loop_.clock().Now();
  auto connection = std::make_unique<Connection>(loop_, *this);
  connection->lane_index = lane;
  connection->address_index = NextAddress(now);
  const Outcome outcome = connection->Open(options_.addresses[connection->address_index],
                                           waiting_.lane(lane).request->connect_timeout, now);
  if (outcome != Outcome::kOk) {
    if (OthersRemain(connection->address_index, outcome, now)) return true;
    // Without a descriptor or a port a free connection may still come; without any connection
    // nothing would.
    if (ClassOf(outcome) == OutcomeClass::kGenerator && !connections_.empty()) return false;
    FailOldest(lane, outcome, now);
    return true;
  }
  connection->pool_index = connections_.size();
  connections_.push_back(std::move(connection));
  ++waiting_.lane(lane).connecting;
  ++connecting_;
  ++opened_;
  return true;
}

size_t ConnectionPool::NextAddress(Nanos now) {
  const size_t count = options_.addresses.size();
  for (size_t i = 0; i < count; ++i) {
    const size_t address = next_address_++ % count;
    if (avoided_until_[address] <= now) return address;
  }
  return next_address_++ % count;  // all of them failed a moment ago
}

// `address` could not be connected to. True: another can be tried instead.
bool ConnectionPool::OthersRemain(size_t address, Outcome outcome, Nanos now) {
  if (ClassOf(outcome) == OutcomeClass::kGenerator) return false;  // not the address's doing
  avoided_until_[address] = now + kAvoid;
  return std::any_of(avoided_until_.begin(), avoided_until_.end(),
                     [now](Nanos until) { return until <= now; });
}

void ConnectionPool::OnConnected(Connection& connection) {
  avoided_until_[connection.address_index] = 0;
  --waiting_.lane(connection.lane_index).connecting;
  --connecting_;
  Free(connection);
}

void ConnectionPool::OnConnectFailed(Connection& connection, Outcome outcome, Nanos now) {
  const size_t index = connection.lane_index;
  WaitingLine::Lane& lane = waiting_.lane(index);
  --lane.connecting;
  --connecting_;
  const bool others = OthersRemain(connection.address_index, outcome, now);
  Remove(connection);
  // Only when nobody else is on the way for the oldest: others may have been served by freed
  // connections meanwhile.
  if (!others && lane.queue.size() > lane.connecting) FailOldest(index, outcome, now);
  OpenForWaiting();
}

void ConnectionPool::OnExchangeDone(Connection& connection, Exchange& exchange,
                                    const Result& result, Nanos now) {
  if (connection.closed() || !options_.keep_alive) {
    connection.Close();
    Remove(connection);
  } else {
    Free(connection);
  }
  exchange.listener->OnDone(exchange, result, now);
  if (!waiting_.empty()) OpenForWaiting();
}

void ConnectionPool::OnIdleClosed(Connection& connection) {
  const auto position = std::find(idle_.begin(), idle_.end(), &connection);
  if (position != idle_.end()) idle_.erase(position);
  Remove(connection);
}

void ConnectionPool::Free(Connection& connection) {
  if (waiting_.empty()) {
    idle_.push_back(&connection);
  } else {
    connection.Send(waiting_.Pop());
  }
}

void ConnectionPool::Remove(Connection& connection) {
  const size_t index = connection.pool_index;
  std::unique_ptr<Connection> removed = std::move(connections_[index]);
  if (index + 1 != connections_.size()) {
    connections_[index] = std::move(connections_.back());
    connections_[index]->pool_index = index;
  }
  connections_.pop_back();
  loop_.Bury(std::move(removed));
}

void ConnectionPool::FailOldest(size_t lane, Outcome outcome, Nanos now) {
  Exchange& exchange = waiting_.Pop(lane);
  exchange.listener->OnDone(exchange, {outcome}, now);
}

void ConnectionPool::ExpireWaiting(Nanos now) {
  if (waiting_.empty()) return;
  const bool nobody_in = connecting_ > 0 && connecting_ == connections_.size();
  for (size_t i = 0; i < waiting_.lanes(); ++i) {
    const WaitingLine::Lane& lane = waiting_.lane(i);
    while (!lane.queue.empty() && now - lane.queue.front().intended > lane.request->max_wait) {
      if (nobody_in) {
        FailOldest(i, Outcome::kConnectTimeout, now);
      } else {
        Exchange& exchange = waiting_.Pop(i);
        exchange.listener->OnExpired(exchange, now);
      }
    }
  }
}

void ConnectionPool::DropWaiting(Nanos now) {
  while (!waiting_.empty()) {
    Exchange& exchange = waiting_.Pop();
    exchange.listener->OnExpired(exchange, now);
  }
}

void ConnectionPool::AbandonOf(const ExchangeListener& listener, Nanos now) {
  for (size_t i = 0; i < waiting_.lanes(); ++i) {
    const ExchangeQueue& queue = waiting_.lane(i).queue;
    while (!queue.empty() && queue.front().listener == &listener) {
      Exchange& exchange = waiting_.Pop(i);
      exchange.listener->OnExpired(exchange, now);
    }
  }
  // From the last: one that ends leaves its place to one that has been looked at.
  for (size_t i = connections_.size(); i-- > 0;) {
    Connection& connection = *connections_[i];
    if (connection.exchange() != nullptr && connection.exchange()->listener == &listener) {
      connection.Abandon(now);
    }
  }
}

void ConnectionPool::Abandon(Nanos now) {
  abandoned_ = true;
  DropWaiting(now);
  idle_.clear();
  // Each ends its exchange, which removes it from here.
  while (!connections_.empty()) {
    Connection& connection = *connections_.back();
    if (connection.exchange() != nullptr) {
      connection.Abandon(now);
    } else {
      connection.Close();
      Remove(connection);
    }
  }
  connecting_ = 0;
}

}  // namespace loadfleet
