// What speaks HTTP over the bytes of one connection, and what it needs of that connection.
#pragma once

#include <cstddef>
#include <cstdint>

#include "agent/engine/event_loop.h"
#include "agent/scenario/exchange.h"

namespace loadfleet {

// The connection as its session sees it; a fuzzer stands in for the network.
class SessionHost {
 public:
  struct Written {
    size_t size = 0;                 // less than asked for: OnWritable follows
    Outcome outcome = Outcome::kOk;  // else it failed
  };

  virtual ~SessionHost() = default;
  virtual EventLoop& loop() = 0;
  virtual Written Write(const char* data, size_t size) = 0;
  // Hands over what can be read now, to the end of the stream.
  virtual void ReadToEnd() = 0;
  // The peer has closed its side: what is read now is the last.
  virtual bool ending() const = 0;
  virtual void Close() = 0;
  virtual bool closed() const = 0;
  virtual void SetDeadline(Nanos deadline) = 0;  // for OnDeadline
  virtual void CancelDeadline() = 0;

  // The first exchange can come.
  virtual void OnReady() = 0;
  // Room() may be another than before, or the session has closed without an exchange.
  virtual void OnRoom() = 0;
  // It can never become ready.
  virtual void OnBroken(Outcome outcome, Nanos now) = 0;
  // An exchange has ended. Whatever else the session does comes before.
  virtual void OnDone(Exchange& exchange, const Result& result, Nanos now) = 0;
  // The server has said that it has not processed it (RFC 9113, 8.7): it may be sent again.
  virtual void OnUnprocessed(Exchange& exchange, Nanos now) = 0;
};

// The loop's thread only. Once its host is closed it ends what is on it, and takes no more.
class Session {
 public:
  virtual ~Session() = default;

  // The connection stands. OnReady follows, possibly before this returns.
  virtual void Start() = 0;

  // How many exchanges it takes now.
  virtual uint32_t Room() const = 0;
  // How many are on it, and not yet handed back.
  virtual size_t exchanges() const = 0;
  // Only with room. May end the exchange before it returns.
  virtual void Send(Exchange& exchange) = 0;

  virtual void OnBytes(const char* data, size_t size, Nanos now) = 0;
  // The peer has closed (kOk), or reading has failed.
  virtual void OnEnd(Outcome outcome, Nanos now) = 0;
  virtual void OnWritable() = 0;
  virtual void OnDeadline(Nanos now) = 0;

  // Ends the exchanges of `listener`, or all when it is null, with kInterrupted.
  virtual void Abandon(const ExchangeListener* listener, Nanos now) = 0;
};

}  // namespace loadfleet
