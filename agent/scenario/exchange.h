// One request on its way: from the moment a worker gets to it to its one Outcome.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/stats/outcome.h"

namespace loadfleet {

class KeptResponse;
struct Navigation;
struct ResponseInterest;
class RequestText;
class ResponseChecks;
struct ResponseInterest;

struct HeaderField {
  std::string name;  // in lower case
  std::string value;
};

// What is sent of a request.
struct RequestBytes {
  std::string wire;                 // HTTP/1.1 bytes, the body last
  size_t body_size = 0;             // of wire
  std::vector<HeaderField> fields;  // of HTTP/2, pseudo-header fields first

  std::string_view body() const { return std::string_view(wire).substr(wire.size() - body_size); }
};

// A plan's request made ready to send. Immutable once prepared; outlives every exchange.
struct RequestTemplate : RequestBytes {
  uint32_t series = 0;   // index of its counters in a Recording, of the first stage
  uint32_t request = 0;  // v1::Request.index
  uint32_t scenario = 0;
  uint32_t origin = 0;  // index of its pool
  bool head = false;
  Nanos connect_timeout = 0;
  Nanos first_byte_timeout = 0;
  Nanos total_timeout = 0;
  Nanos max_wait = 0;                 // age at which it is dropped as late while it still waits
  const RequestText* text = nullptr;  // its bytes are another's each time; null: they are these
  const ResponseChecks* checks = nullptr;      // of its response; null: nobody looks at it
  const ResponseInterest* interest = nullptr;  // what of it is kept; null: nothing
  const Navigation* navigation = nullptr;  // cookies, redirects, other origins; null: none of it
};

struct Exchange;

struct Result {
  Outcome outcome = Outcome::kOk;
  uint16_t status = 0;  // of a complete response
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  // The response as it came, where one read of HTTP/1.1 brought all there is of it; else empty.
  // Good until OnDone returns.
  std::string_view wire{};
};

// Who started an exchange and hears of it. Called on the worker's thread; may start others
// meanwhile.
class ExchangeListener {
 public:
  virtual ~ExchangeListener() = default;

  // Its first bytes are about to be written: exchange.sent is set. Once, though it be sent again
  // (Exchange::resent); but once more for each redirect that is followed. Not called when
  // connecting fails.
  virtual void OnSent(Exchange& exchange) = 0;
  // A response has begun that may turn out a failure: whoever wants to show it gives it a place
  // (Exchange::shown).
  virtual void OnMayFail(Exchange& /*exchange*/) {}
  // Its one end after it was sent or its connection failed. The exchange is the listener's again.
  virtual void OnDone(Exchange& exchange, const Result& result, Nanos now) = 0;
  // It waited for a connection until max_wait: never sent. The exchange is the listener's again.
  virtual void OnExpired(Exchange& exchange, Nanos now) = 0;
};

// Owned by its listener; a pool or a connection only borrows it. One that is redirected is sent
// again, each time from the start.
struct Exchange {
  const RequestTemplate* request = nullptr;
  ExchangeListener* listener = nullptr;
  Nanos intended = 0;    // from the schedule; in a closed model when the VU became free
  uint32_t stage = 0;    // of `intended`
  Nanos dispatched = 0;  // when the worker got to it
  Nanos sent = 0;        // when its first byte was written, for the last time; 0 before
  Nanos first_byte = 0;  // when its response began; meaningful with a response
  bool resent = false;   // the server had not processed it the first time
  // What of its response is to be kept, and where; null: nothing. Filled by the session.
  KeptResponse* kept = nullptr;
  KeptResponse* shown = nullptr;            // where it is kept for people to read; null: it is not
  const RequestBytes* filled_in = nullptr;  // what is sent instead of the template's bytes

  const RequestBytes& bytes() const { return filled_in == nullptr ? *request : *filled_in; }
  Exchange* next = nullptr;  // in whatever queue holds it

  // Links of the list of everything in flight or waiting, kept by the listener.
  Exchange* older = nullptr;
  Exchange* newer = nullptr;
};

// First in, first out, through Exchange::next. Borrows.
class ExchangeQueue {
 public:
  bool empty() const { return head_ == nullptr; }
  size_t size() const { return size_; }
  Exchange& front() const { return *head_; }
  void Push(Exchange& exchange) {
    exchange.next = nullptr;
    (head_ == nullptr ? head_ : tail_->next) = &exchange;
    tail_ = &exchange;
    ++size_;
  }
  Exchange& Pop() {
    Exchange& exchange = *head_;
    head_ = exchange.next;
    exchange.next = nullptr;
    --size_;
    return exchange;
  }

 private:
  Exchange* head_ = nullptr;
  Exchange* tail_ = nullptr;
  size_t size_ = 0;
};

}  // namespace loadfleet
