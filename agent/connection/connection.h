// One HTTP/1.1 connection: a socket, at most one exchange on it, and its deadline.
#pragma once

#include <cstdint>

#include "agent/connection/address.h"
#include "agent/engine/event_loop.h"
#include "agent/http/response_parser.h"
#include "agent/scenario/exchange.h"

namespace loadfleet {

class Connection;

// Whose connections they are. Called on the loop's thread.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void OnConnected(Connection& connection) = 0;
  virtual void OnConnectFailed(Connection& connection, Outcome outcome, Nanos now) = 0;
  // The exchange has ended; the connection can be used again unless closed() is true.
  virtual void OnExchangeDone(Connection& connection, Exchange& exchange, const Result& result,
                              Nanos now) = 0;
  // The peer closed it, or sent what nobody asked for, while no exchange was on it.
  virtual void OnIdleClosed(Connection& connection) = 0;
};

// Owns its descriptor. One write and one read per exchange when the kernel takes and has all at
// once. A connection that waits owns no buffer.
class Connection final : public IoHandler, public DeadlineWheel::Timer {
 public:
  Connection(EventLoop& loop, ConnectionOwner& owner);
  ~Connection() override;

  // Begins to connect. kOk: OnConnected or OnConnectFailed follows, never before this returns.
  Outcome Open(const SocketAddress& address, Nanos timeout, Nanos now);

  // Only when connected and no exchange is on it. May end the exchange before it returns.
  void Send(Exchange& exchange);

  // Ends what is on it with kInterrupted and closes.
  void Abandon(Nanos now);
  void Close();

  bool closed() const { return fd_ < 0; }
  bool connecting() const { return connecting_; }
  Exchange* exchange() const { return exchange_; }

  // The pool's: where it keeps this connection, which of its addresses this one goes to, and whom
  // it was opened for.
  size_t pool_index = 0;
  size_t address_index = 0;
  size_t lane_index = 0;

  void OnIo(uint32_t events) override;
  void OnDeadline(Nanos now) override;

 private:
  void FinishConnect(uint32_t events);
  bool HasBytes() const;
  void WriteRest();
  void ReadAll(bool until_end);
  void OnBytes(const char* data, size_t size);
  void OnEnd();
  void Complete(Nanos now);
  void Fail(Outcome outcome, Nanos now);
  void End(const Result& result, Nanos now);

  EventLoop& loop_;
  ConnectionOwner& owner_;
  int fd_ = -1;
  bool connecting_ = false;
  bool ending_ = false;  // the peer has said that it closes: no further exchange
  Exchange* exchange_ = nullptr;
  size_t written_ = 0;   // of the exchange's bytes
  int write_error_ = 0;  // an errno; what the target said before it is still read
  ResponseParser parser_;
};

// What an errno of connect, read or write means for a request. `connecting`: before the connection
// stood.
Outcome OutcomeOfErrno(int error, bool connecting);

}  // namespace loadfleet
