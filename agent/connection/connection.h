// One connection: from the first SYN over TLS to a session that speaks HTTP on it.
#pragma once

#include <cstdint>
#include <memory>

#include "agent/connection/address.h"
#include "agent/connection/stream.h"
#include "agent/engine/event_loop.h"
#include "agent/http/session.h"
#include "agent/scenario/exchange.h"

namespace loadfleet {

class Connection;
class KnownHeads;

// What is spoken on the connections of a pool.
enum class Protocol : uint8_t {
  kHttp1,
  kHttp2,   // over TLS by ALPN, which must agree; over clear text with prior knowledge
  kByAlpn,  // HTTP/2 when the server chooses it; TLS only
};

// What the connections of one pool have in common.
struct ConnectionSettings {
  Protocol protocol = Protocol::kHttp1;
  uint32_t max_streams = 100;         // of one HTTP/2 connection
  uint32_t pipelining = 1;            // requests at a time on one of HTTP/1.1
  TlsClient* tls = nullptr;           // borrowed; null: clear text
  KnownHeads* known_heads = nullptr;  // borrowed; its pool sets it
};

// Whose connections they are. Called on the loop's thread.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void OnReady(Connection& connection) = 0;
  // It never became ready, and is closed.
  virtual void OnConnectFailed(Connection& connection, Outcome outcome, Nanos now) = 0;
  // An exchange has ended; others may still be on the connection.
  virtual void OnExchangeDone(Connection& connection, Exchange& exchange, const Result& result,
                              Nanos now) = 0;
  // The server has not processed it, and says so.
  virtual void OnUnprocessed(Connection& connection, Exchange& exchange, Nanos now) = 0;
  // It takes more or fewer exchanges than before, or was closed while none was on it.
  virtual void OnRoom(Connection& connection) = 0;
};

// Owns its descriptor. A connection that waits owns no buffer.
class Connection final : public IoHandler, public DeadlineWheel::Timer, public SessionHost {
 public:
  // Borrows all three.
  Connection(EventLoop& loop, const ConnectionSettings& settings, ConnectionOwner& owner);
  ~Connection() override;

  // Begins to connect, from `source` unless it is null. kOk: OnReady or OnConnectFailed follows,
  // never before this returns. `timeout` is for everything until then, TLS included.
  Outcome Open(const SocketAddress& address, const SocketAddress* source, Nanos timeout, Nanos now);

  // How many exchanges it takes now.
  uint32_t Room() const { return stage_ == Stage::kReady ? session_->Room() : 0; }
  size_t exchanges() const { return session_ == nullptr ? 0 : session_->exchanges(); }

  // Only with room. May end the exchange before it returns.
  void Send(Exchange& exchange);

  // Ends the exchanges of `listener`, or all when it is null, with kInterrupted.
  void Abandon(const ExchangeListener* listener, Nanos now);
  void Close() override;

  bool closed() const override { return stage_ == Stage::kClosed; }
  uint64_t sent() const { return sent_; }          // exchanges
  uint64_t answered() const { return answered_; }  // of them, with a response
  Nanos opened_at() const { return opened_at_; }
  Nanos connect_time() const { return connect_time_; }  // TCP alone
  Nanos tls_time() const { return tls_time_; }

  // The pool's: where it keeps this connection, which of its addresses this one goes to, and whom
  // it was opened for.
  size_t pool_index = 0;
  uint32_t address_id = 0;  // of HostAddresses
  size_t lane_index = 0;
  Connection* prev_free = nullptr;
  Connection* next_free = nullptr;
  bool listed = false;  // among the pool's free ones

  void OnIo(uint32_t events) override;
  void OnDeadline(Nanos now) override;

 private:
  enum class Stage : uint8_t { kClosed, kConnecting, kHandshaking, kSettling, kReady };

  void FinishConnect(uint32_t events);
  void Handshake();
  void StartSession(bool http2);
  void FailToConnect(Outcome outcome);
  void ReadAll(bool until_end);

  // For the session.
  EventLoop& loop() override { return loop_; }
  Written Write(const char* data, size_t size) override;
  void ReadToEnd() override { ReadAll(true); }
  bool ending() const override { return ending_; }
  void SetDeadline(Nanos deadline) override { loop_.wheel().Set(*this, deadline); }
  void CancelDeadline() override { loop_.wheel().Cancel(*this); }
  void OnReady() override;
  void OnRoom() override { owner_.OnRoom(*this); }
  void OnBroken(Outcome outcome, Nanos now) override;
  void OnDone(Exchange& exchange, const Result& result, Nanos now) override;
  void OnUnprocessed(Exchange& exchange, Nanos now) override;

  EventLoop& loop_;
  const ConnectionSettings& settings_;
  ConnectionOwner& owner_;
  Stream stream_;
  Stage stage_ = Stage::kClosed;
  bool ending_ = false;  // the peer has said that it closes: no further exchange
  std::unique_ptr<Session> session_;
  uint64_t sent_ = 0;
  uint64_t answered_ = 0;
  Nanos opened_at_ = 0;
  Nanos connect_time_ = 0;
  Nanos tls_time_ = 0;
};

}  // namespace loadfleet
