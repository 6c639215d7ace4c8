// HTTP/1.1 with more than one request on its way at a time; answers come in the order of the
// requests (RFC 9112, 9.3.2). Off unless a plan asks for it: Http1Session is cheaper and its times
// hold nobody else's.
#pragma once

#include <string_view>
#include <vector>

#include "agent/http/response_parser.h"
#include "agent/http/session.h"

namespace loadfleet {

// What is sent between two waits of the loop goes out in one write. A service time holds the wait
// for those that are answered before.
class Http1Pipeline final : public Session, private Flushable {
 public:
  // Borrows both. `depth`: exchanges at a time, at least 1.
  Http1Pipeline(SessionHost& host, KnownHeads& known_heads, uint32_t depth);
  ~Http1Pipeline() override;

  void Start() override { host_.OnReady(); }
  uint32_t Room() const override;
  size_t exchanges() const override { return held_; }
  void Send(Exchange& exchange) override;
  void OnBytes(const char* data, size_t size, Nanos now) override;
  void OnEnd(Outcome outcome, Nanos now) override;
  void OnWritable() override { WriteOut(); }
  void OnDeadline(Nanos now) override;
  void Abandon(const ExchangeListener* listener, Nanos now) override;

 private:
  struct Place {
    Exchange* exchange = nullptr;  // null: given up, its answer is still to come
    size_t written = 0;            // of its bytes
    bool stamped = false;          // its time has begun
    bool head = false;             // it is a HEAD, whoever waits for it
  };

  void Flush() override { WriteOut(); }
  void WriteOut();
  size_t Gather(char* out, Nanos now);
  void NoteWritten(size_t size);
  void Stamp(Place& place, Nanos now);
  Place& At(size_t i) { return ring_[(first_ + i) % ring_.size()]; }
  Place* Oldest();
  bool HasBegun(const Place& place);
  void ExpectNext();
  void SetDeadline();
  void Answered(Nanos now, std::string_view wire = {});
  Exchange* PopFront();
  void FailAll(Outcome outcome, Nanos now);
  void ReturnUnprocessed(Nanos now);

  SessionHost& host_;
  KnownHeads& known_heads_;
  std::vector<Place> ring_;
  size_t first_ = 0;   // in ring_, the one that is answered next
  size_t size_ = 0;    // places in use
  size_t held_ = 0;    // of them with an exchange
  size_t unsent_ = 0;  // the first place that is not wholly written, counted from first_
  Outcome write_failure_ = Outcome::kOk;  // what the target said before it is still read
  ResponseParser parser_;                 // of the front's answer
};

}  // namespace loadfleet
