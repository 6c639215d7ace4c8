#include "agent/connection/connection_pool.h"

#include <algorithm>
#include <utility>

namespace loadfleet {

ConnectionPool::ConnectionPool(EventLoop& loop, PoolOptions options)
    : loop_(loop), options_(std::move(options)) {}

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
  while (!abandoned_ && connecting_ < waiting_.size() &&
         connections_.size() < options_.max_connections) {
    if (!OpenOne()) break;
  }
  opening_ = false;
}

// False: nothing more can be opened now.
bool ConnectionPool::OpenOne() {
  const SocketAddress& address = options_.addresses[next_address_++ % options_.addresses.size()];
  auto connection = std::make_unique<Connection>(loop_, *this);
  const Nanos now = loop_.clock().Now();
  const Outcome outcome = connection->Open(address, waiting_.front().request->connect_timeout, now);
  if (outcome != Outcome::kOk) {
    // Without a descriptor or a port a free connection may still come; without any connection
    // nothing would.
    if (ClassOf(outcome) == OutcomeClass::kGenerator && !connections_.empty()) return false;
    FailOldestWaiting(outcome, now);
    return true;
  }
  connection->pool_index = connections_.size();
  connections_.push_back(std::move(connection));
  ++connecting_;
  ++opened_;
  return true;
}

void ConnectionPool::OnConnected(Connection& connection) {
  --connecting_;
  Free(connection);
}

void ConnectionPool::OnConnectFailed(Connection& connection, Outcome outcome, Nanos now) {
  --connecting_;
  Remove(connection);
  // Only when nobody else is on the way for the oldest: others may have been served by freed
  // connections meanwhile.
  if (waiting_.size() > connecting_) FailOldestWaiting(outcome, now);
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

void ConnectionPool::FailOldestWaiting(Outcome outcome, Nanos now) {
  Exchange& exchange = waiting_.Pop();
  exchange.listener->OnDone(exchange, {outcome, 0, 0}, now);
}

void ConnectionPool::ExpireWaiting(Nanos now) {
  while (!waiting_.empty() &&
         now - waiting_.front().intended > waiting_.front().request->max_wait) {
    Exchange& exchange = waiting_.Pop();
    exchange.listener->OnExpired(exchange, now);
  }
}

void ConnectionPool::Abandon(Nanos now) {
  abandoned_ = true;
  while (!waiting_.empty()) {
    Exchange& exchange = waiting_.Pop();
    exchange.listener->OnExpired(exchange, now);
  }
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
