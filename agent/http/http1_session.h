// HTTP/1.1 on one connection: one exchange at a time (RFC 9112, 9.3; no pipelining).
#pragma once

#include <string_view>

#include "agent/http/response_parser.h"
#include "agent/http/session.h"

namespace loadfleet {

// One write and one read per exchange when the kernel takes and has all at once.
class Http1Session final : public Session {
 public:
  // Borrows both.
  Http1Session(SessionHost& host, KnownHeads& known_heads)
      : host_(host), known_heads_(known_heads) {}

  void Start() override { host_.OnReady(); }
  uint32_t Room() const override { return exchange_ == nullptr ? 1 : 0; }
  size_t exchanges() const override { return exchange_ == nullptr ? 0 : 1; }
  void Send(Exchange& exchange) override;
  void OnBytes(const char* data, size_t size, Nanos now) override;
  void OnEnd(Outcome outcome, Nanos now) override;
  void OnWritable() override;
  void OnDeadline(Nanos now) override;
  void Abandon(const ExchangeListener* listener, Nanos now) override;

 private:
  void WriteRest();
  void Complete(Nanos now, std::string_view wire = {});
  void Fail(Outcome outcome, Nanos now, std::string_view wire = {});
  void End(const Result& result, Nanos now);

  SessionHost& host_;
  KnownHeads& known_heads_;
  Exchange* exchange_ = nullptr;
  size_t written_ = 0;                    // of the exchange's bytes
  Outcome write_failure_ = Outcome::kOk;  // what the target said before it is still read
  ResponseParser parser_;
};

}  // namespace loadfleet
