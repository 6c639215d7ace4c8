// The connections of one worker to one origin: grown on demand, bounded, reused.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/connection/connection.h"
#include "agent/connection/free_list.h"
#include "agent/connection/host_addresses.h"
#include "agent/connection/waiting_line.h"
#include "agent/http/known_head.h"
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

// Who wants to know what connections cost. Called on the loop's thread.
class ConnectionObserver {
 public:
  virtual ~ConnectionObserver() = default;
  // `request`: for which it was opened. `tls`: 0 over clear text.
  virtual void OnConnected(const RequestTemplate& request, Nanos connect, Nanos tls) = 0;
};

struct PoolOptions {
  HostOptions host;
  // Of our own, those of the address's family in turn; none: the kernel chooses.
  std::vector<SocketAddress> sources;
  ConnectionSettings connection;
  uint32_t max_connections = 1;
  uint64_t max_requests = 0;  // of one connection, then it is closed; 0: any number
  Nanos lifetime = 0;         // after which a connection gets no further request; 0: any
  // For which Warm() opens them: its timeout to connect is theirs. Null: there is no Warm().
  const RequestTemplate* warm_for = nullptr;
  ConnectionObserver* observer = nullptr;
};

// The loop's thread only. HTTP/1.1 connections are reused last in first out, so that few are kept
// busy; HTTP/2 connections in turn, so that all that there are share the streams.
class ConnectionPool final : public Transport, public ConnectionOwner {
 public:
  ConnectionPool(EventLoop& loop, PoolOptions options);
  ~ConnectionPool() override;

  void Send(Exchange& exchange) override;

  // At most so many from now on; at least 1. Those beyond are closed as soon as nothing is on them.
  void Limit(uint32_t max_connections);

  // Opens all of its connections ahead of the load, some at a time. Ends with the first that fails:
  // the load will say why.
  void Warm();
  // Whether that is over; also before it was begun.
  bool warm() const { return ahead_ == 0 && ahead_connecting_ == 0; }

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

  void OnReady(Connection& connection) override;
  void OnConnectFailed(Connection& connection, Outcome outcome, Nanos now) override;
  void OnExchangeDone(Connection& connection, Exchange& exchange, const Result& result,
                      Nanos now) override;
  void OnUnprocessed(Connection& connection, Exchange& exchange, Nanos now) override;
  void OnRoom(Connection& connection) override;

 private:
  // When the back-off is over.
  struct Reopening final : DeadlineWheel::Timer {
    ConnectionPool* pool = nullptr;
    void OnDeadline(Nanos /*now*/) override { pool->OpenForWaiting(); }
  };

  void OpenForWaiting();
  bool OpenOne(size_t lane);
  bool Open(Connection& connection, Nanos timeout, Nanos now, Outcome* outcome);
  void OpenAhead();
  const SocketAddress* NextSource(int family);
  bool OthersRemain(const Connection& connection, Outcome outcome, Nanos now);
  Connection* Free();
  uint32_t RoomOf(const Connection& connection) const;
  bool Retired(const Connection& connection) const;
  void SendOn(Connection& connection, Exchange& exchange);
  void Settle(Connection& connection);
  void List(Connection& connection);
  void Remove(Connection& connection);
  void Fail(size_t lane, Outcome outcome, Nanos now);
  void Expire(Exchange& exchange, Nanos now);

  EventLoop& loop_;
  KnownHeads known_heads_;
  PoolOptions options_;
  std::vector<std::unique_ptr<Connection>> connections_;
  FreeList free_;
  WaitingLine waiting_;
  size_t expected_room_;   // exchanges that a connection on its way will take; SIZE_MAX: unknown
  size_t connecting_ = 0;  // of connections_
  size_t ahead_ = 0;       // connections that Warm() has yet to open
  size_t ahead_connecting_ = 0;
  HostAddresses host_;
  size_t next_source_ = 0;
  uint64_t opened_ = 0;
  Nanos backoff_ = 0;  // the last one; 0 after a response
  Nanos not_before_ = 0;
  Reopening reopening_;
  bool opening_ = false;  // OpenForWaiting is on the stack
  bool abandoned_ = false;
};

}  // namespace loadfleet
