#include "agent/connection/connection_pool.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace loadfleet {
namespace {

// Before a server that answers nothing is connected to again.
constexpr Nanos kFirstBackoff = 10 * kMillisecond;
constexpr Nanos kLastBackoff = kSecond;
// Of connections that are opened ahead, on their way at once: a listener's queue is short.
constexpr size_t kAheadAtOnce = 64;
constexpr size_t kNoLane = SIZE_MAX;
constexpr size_t kRemoved = SIZE_MAX;
constexpr size_t kUnknown = SIZE_MAX;

size_t ExpectedRoom(const ConnectionSettings& settings) {
  switch (settings.protocol) {
    case Protocol::kHttp1:
      return settings.pipelining;
    case Protocol::kHttp2:
      return settings.max_streams;
    case Protocol::kByAlpn:
      return kUnknown;  // until one stands, one is enough to learn it
  }
  return 1;
}

}  // namespace

ConnectionPool::ConnectionPool(EventLoop& loop, PoolOptions options)
    : loop_(loop),
      options_(std::move(options)),
      expected_room_(ExpectedRoom(options_.connection)),
      host_(options_.host, loop_.clock().Now()) {
  reopening_.pool = this;
  host_.WhenAnswered([this] { OpenForWaiting(); });
  options_.connection.known_heads = &known_heads_;
}

ConnectionPool::~ConnectionPool() = default;

void ConnectionPool::Send(Exchange& exchange) {
  if (abandoned_) {
    Expire(exchange, loop_.clock().Now());
    return;
  }
  if (Connection* connection = Free()) {
    SendOn(*connection, exchange);
    return;
  }
  waiting_.Push(exchange);
  OpenForWaiting();
}

Connection* ConnectionPool::Free() {
  while (Connection* connection = free_.front()) {
    if (RoomOf(*connection) > 0 && !Retired(*connection)) return connection;
    free_.Remove(*connection);  // a GOAWAY may have come with what is being told now
    Settle(*connection);
  }
  return nullptr;
}

// How many exchanges may be put on it now.
uint32_t ConnectionPool::RoomOf(const Connection& connection) const {
  const uint32_t room = connection.Room();
  if (options_.max_requests == 0) return room;
  const uint64_t left = options_.max_requests - std::min(options_.max_requests, connection.sent());
  return static_cast<uint32_t>(std::min<uint64_t>(room, left));
}

// It gets no further exchange.
bool ConnectionPool::Retired(const Connection& connection) const {
  if (options_.max_requests != 0 && connection.sent() >= options_.max_requests) return true;
  return options_.lifetime != 0 &&
         loop_.clock().Now() - connection.opened_at() >= options_.lifetime;
}

void ConnectionPool::SendOn(Connection& connection, Exchange& exchange) {
  free_.Remove(connection);
  connection.Send(exchange);
  List(connection);
}

void ConnectionPool::List(Connection& connection) {
  if (connection.pool_index == kRemoved) return;
  if (RoomOf(connection) == 0) return free_.Remove(connection);
  connection.exchanges() == 0 ? free_.PushFront(connection) : free_.PushBack(connection);
}

// Whatever has changed: it takes of what waits as much as it may, and is kept, listed or removed
// accordingly.
void ConnectionPool::Settle(Connection& connection) {
  if (connection.pool_index == kRemoved) return;
  if (!connection.closed() && Retired(connection)) {
    free_.Remove(connection);
    if (connection.exchanges() == 0) connection.Close();
  } else {
    while (!waiting_.empty() && RoomOf(connection) > 0) {
      free_.Remove(connection);
      connection.Send(waiting_.Pop());
    }
    const bool spare = connections_.size() > options_.max_connections;
    if (spare && connection.exchanges() == 0 && connection.Room() > 0) connection.Close();
    if (!connection.closed()) return List(connection);
  }
  if (connection.closed()) {
    free_.Remove(connection);
    if (connection.exchanges() == 0) Remove(connection);
  }
}

// As many connections are on their way as what waits will need, within the limit. A connection
// serves whoever has waited longest when it stands, so an exchange may also get one that became
// free meanwhile.
void ConnectionPool::OpenForWaiting() {
  if (opening_)
    return;  // a failure to open ends an exchange, whose listener may send the next at once
  opening_ = true;
  while (!abandoned_ && connections_.size() < options_.max_connections) {
    const std::optional<size_t> lane = waiting_.Unserved(expected_room_);
    if (!lane) break;
    if (not_before_ != 0 && loop_.clock().Now() < not_before_) {
      loop_.wheel().Set(reopening_, not_before_);
      break;
    }
    if (!OpenOne(*lane)) break;
  }
  opening_ = false;
}

// False: nothing more can be opened now.
bool ConnectionPool::OpenOne(size_t lane) {
  const Nanos now = loop_.clock().Now();
  auto connection = std::make_unique<Connection>(loop_, options_.connection, *this);
  connection->lane_index = lane;
  Outcome outcome = Outcome::kOk;
  if (!Open(*connection, waiting_.lane(lane).request->connect_timeout, now, &outcome)) {
    if (outcome == Outcome::kOk) return false;  // its addresses are not known yet
    if (OthersRemain(*connection, outcome, now)) return true;
    // Without a descriptor or a port a free connection may still come; without any connection
    // nothing would.
    if (ClassOf(outcome) == OutcomeClass::kGenerator && !connections_.empty()) return false;
    Fail(lane, outcome, now);
    return true;
  }
  connection->pool_index = connections_.size();
  connections_.push_back(std::move(connection));
  ++waiting_.lane(lane).connecting;
  return true;
}

bool ConnectionPool::Open(Connection& connection, Nanos timeout, Nanos now, Outcome* outcome) {
  const HostAddresses::Choice choice = host_.Next(now);
  connection.address_id = choice.id;
  *outcome = choice.outcome;
  if (choice.address == nullptr) return false;
  *outcome = connection.Open(*choice.address, NextSource(choice.address->family()), timeout, now);
  if (*outcome != Outcome::kOk) return false;
  ++connecting_;
  ++opened_;
  return true;
}

void ConnectionPool::Limit(uint32_t max_connections) {
  options_.max_connections = max_connections;
  // From the last: one that goes leaves its place to one that has been looked at.
  for (size_t i = connections_.size(); i-- > 0 && connections_.size() > max_connections;) {
    Settle(*connections_[i]);
  }
  OpenForWaiting();
}

void ConnectionPool::Warm() {
  ahead_ = options_.max_connections;
  OpenAhead();
}

void ConnectionPool::OpenAhead() {
  while (ahead_ > 0 && !abandoned_ && ahead_connecting_ < kAheadAtOnce &&
         connections_.size() < options_.max_connections) {
    --ahead_;
    auto connection = std::make_unique<Connection>(loop_, options_.connection, *this);
    connection->lane_index = kNoLane;
    Outcome outcome = Outcome::kOk;
    const Nanos now = loop_.clock().Now();
    if (!Open(*connection, options_.warm_for->connect_timeout, now, &outcome)) {
      if (!OthersRemain(*connection, outcome, now)) ahead_ = 0;
      continue;
    }
    ++ahead_connecting_;
    connection->pool_index = connections_.size();
    connections_.push_back(std::move(connection));
  }
}

const SocketAddress* ConnectionPool::NextSource(int family) {
  const size_t count = options_.sources.size();
  for (size_t i = 0; i < count; ++i) {
    const SocketAddress& source = options_.sources[next_source_++ % count];
    if (source.family() == family) return &source;
  }
  return nullptr;
}

// `connection` could not be opened. True: another address can be tried instead.
bool ConnectionPool::OthersRemain(const Connection& connection, Outcome outcome, Nanos now) {
  if (ClassOf(outcome) == OutcomeClass::kGenerator) return false;  // not the address's doing
  return host_.Failed(connection.address_id, now);
}

void ConnectionPool::OnReady(Connection& connection) {
  host_.Worked(connection.address_id);
  --connecting_;
  const bool ahead = connection.lane_index == kNoLane;
  ahead ? --ahead_connecting_ : --waiting_.lane(connection.lane_index).connecting;
  if (options_.observer != nullptr) {
    const RequestTemplate* request =
        ahead ? options_.warm_for : waiting_.lane(connection.lane_index).request;
    options_.observer->OnConnected(*request, connection.connect_time(), connection.tls_time());
  }
  expected_room_ = std::max<size_t>(1, connection.Room());
  Settle(connection);
  if (ahead) OpenAhead();
  if (!waiting_.empty()) OpenForWaiting();
}

void ConnectionPool::OnConnectFailed(Connection& connection, Outcome outcome, Nanos now) {
  --connecting_;
  const size_t index = connection.lane_index;
  const bool others = OthersRemain(connection, outcome, now);
  Remove(connection);
  if (index == kNoLane) {
    --ahead_connecting_;
    others ? OpenAhead() : static_cast<void>(ahead_ = 0);
    return;
  }
  WaitingLine::Lane& lane = waiting_.lane(index);
  --lane.connecting;
  // Only those that nobody else is on the way for, oldest first: others may have been served by
  // freed connections meanwhile.
  size_t served = expected_room_ == kUnknown ? kUnknown : lane.connecting * expected_room_;
  if (lane.connecting == 0) served = 0;
  if (!others && lane.queue.size() > served) {
    const size_t lost = std::min(lane.queue.size() - served, expected_room_);
    for (size_t i = 0; i < lost && !lane.queue.empty(); ++i) Fail(index, outcome, now);
  }
  OpenForWaiting();
}

void ConnectionPool::OnExchangeDone(Connection& connection, Exchange& exchange,
                                    const Result& result, Nanos now) {
  if (backoff_ != 0 && HasResponse(result.outcome)) backoff_ = not_before_ = 0;
  Settle(connection);
  exchange.listener->OnDone(exchange, result, now);
  if (!waiting_.empty()) OpenForWaiting();
}

void ConnectionPool::OnUnprocessed(Connection& connection, Exchange& exchange, Nanos now) {
  if (exchange.resent) {
    OnExchangeDone(connection, exchange, {Outcome::kReset}, now);
    return;
  }
  exchange.resent = true;
  if (connection.answered() == 0) {
    if (now >= not_before_) {
      backoff_ = backoff_ == 0 ? kFirstBackoff : std::min(2 * backoff_, kLastBackoff);
    }
    not_before_ = now + backoff_;
  }
  Settle(connection);
  Send(exchange);
}

void ConnectionPool::OnRoom(Connection& connection) {
  Settle(connection);
  if (!waiting_.empty()) OpenForWaiting();
}

void ConnectionPool::Remove(Connection& connection) {
  free_.Remove(connection);
  const size_t index = connection.pool_index;
  std::unique_ptr<Connection> removed = std::move(connections_[index]);
  if (index + 1 != connections_.size()) {
    connections_[index] = std::move(connections_.back());
    connections_[index]->pool_index = index;
  }
  connections_.pop_back();
  removed->pool_index = kRemoved;
  loop_.Bury(std::move(removed));
}

void ConnectionPool::Fail(size_t lane, Outcome outcome, Nanos now) {
  Exchange& exchange = waiting_.Pop(lane);
  exchange.listener->OnDone(exchange, {outcome}, now);
}

// One that waits is given up. What was sent before and not processed has been started, whatever
// becomes of it.
void ConnectionPool::Expire(Exchange& exchange, Nanos now) {
  if (exchange.resent) {
    exchange.listener->OnDone(exchange, {Outcome::kReset}, now);
  } else {
    exchange.listener->OnExpired(exchange, now);
  }
}

void ConnectionPool::ExpireWaiting(Nanos now) {
  if (waiting_.empty()) return;
  const bool nobody_in = connecting_ > 0 && connecting_ == connections_.size();
  for (size_t i = 0; i < waiting_.lanes(); ++i) {
    const WaitingLine::Lane& lane = waiting_.lane(i);
    while (!lane.queue.empty() && now - lane.queue.front().intended > lane.request->max_wait) {
      if (nobody_in) {
        Fail(i, Outcome::kConnectTimeout, now);
      } else {
        Expire(waiting_.Pop(i), now);
      }
    }
  }
}

void ConnectionPool::DropWaiting(Nanos now) {
  while (!waiting_.empty()) Expire(waiting_.Pop(), now);
}

void ConnectionPool::AbandonOf(const ExchangeListener& listener, Nanos now) {
  for (size_t i = 0; i < waiting_.lanes(); ++i) {
    const ExchangeQueue& queue = waiting_.lane(i).queue;
    while (!queue.empty() && queue.front().listener == &listener) Expire(waiting_.Pop(i), now);
  }
  // From the last: one that ends leaves its place to one that has been looked at.
  for (size_t i = connections_.size(); i-- > 0;) {
    if (i < connections_.size()) connections_[i]->Abandon(&listener, now);
  }
}

void ConnectionPool::Abandon(Nanos now) {
  abandoned_ = true;
  DropWaiting(now);
  while (!connections_.empty()) {
    Connection& connection = *connections_.back();
    connection.Abandon(nullptr, now);
    if (connection.pool_index == kRemoved) continue;
    connection.Close();
    Remove(connection);
  }
  connecting_ = ahead_connecting_ = 0;
}

}  // namespace loadfleet
