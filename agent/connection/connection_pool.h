// The connections of one worker to one origin: grown on demand, reused last in first out, bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/connection/connection.h"
#include "agent/connection/waiting_line.h"
#include "agent/scenario/exchange.h"

namespace loadfleet {

// What executors send through. A test double stands in for the network.
class Transport {
 public:
  virtual ~Transport() = default;

  // Sends at once when a connection is free, else as soon as one is. The listener hears of
  // everything that follows, possibly before this returns.
  virtual void Send(Exchange& exchange) = 0;
};

struct PoolOptions {
  // Of one origin, at least one. Taken in turn; one that cannot be connected to is passed over for
  // a while, and nobody's request fails for it as long as another can (RFC 8305 has the reasons:
  // "localhost" is ::1 and 127.0.0.1, and few servers listen on both).
  std::vector<SocketAddress> addresses;
  uint32_t max_connections = 1;
  bool keep_alive = true;
};

// The loop's thread only.
class ConnectionPool final : public Transport, public ConnectionOwner {
 public:
  ConnectionPool(EventLoop& loop, PoolOptions options);
  ~ConnectionPool() override;

  void Send(Exchange& exchange) override;

  // Ends what has waited longer than its max_wait: as expired, or with kConnectTimeout when what it
  // waited for is a target that lets nobody in. Once per tick of the loop is enough.
  void ExpireWaiting(Nanos now);

  // Ends whatever waits as expired.
  void DropWaiting(Nanos now);

  // Ends everything of `listener`: what is on a connection with kInterrupted, what waits as
  // expired.
  void AbandonOf(const ExchangeListener& listener, Nanos now);

  // Ends everything for good: what is on a connection with kInterrupted; what waits, or is still
  // sent, as expired.
  void Abandon(Nanos now);

  size_t waiting() const { return waiting_.size(); }
  uint64_t open_connections() const { return connections_.size(); }
  uint64_t connections_opened() const { return opened_; }  // since the pool was made

  void OnConnected(Connection& connection) override;
  void OnConnectFailed(Connection& connection, Outcome outcome, Nanos now) override;
  void OnExchangeDone(Connection& connection, Exchange& exchange, const Result& result,
                      Nanos now) override;
  void OnIdleClosed(Connection& connection) override;

 private:
  void OpenForWaiting();
  bool OpenOne(size_t lane);
  size_t NextAddress(Nanos now);
  bool OthersRemain(size_t address, Outcome outcome, Nanos now);
  void Free(Connection& connection);
  void Remove(Connection& connection);
  void FailOldest(size_t lane, Outcome outcome, Nanos now);

  EventLoop& loop_;
  PoolOptions options_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;
  WaitingLine waiting_;
  size_t connecting_ = 0;  // of connections_
  size_t next_address_ = 0;
  std::vector<Nanos> avoided_until_;  // by address; in the past when it can be taken
  uint64_t opened_ = 0;
  bool opening_ = false;  // OpenForWaiting is on the stack
  bool abandoned_ = false;
};

}  // namespace loadfleet
