// A network that answers when the test says so.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "agent/connection/connection_pool.h"
#include "agent/http/kept_response.h"
#include "common/clock.h"

namespace loadfleet {

class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(const Clock& clock, size_t connections = SIZE_MAX)
      : clock_(clock), connections_(connections) {}

  void Send(Exchange& exchange) override {
    if (on_wire_.size() < connections_) {
      Put(exchange);
    } else {
      waiting_.push_back(&exchange);
    }
  }

  // Answers the oldest request on the wire.
  void Answer(uint16_t status = 200, const std::string& body = "",
              const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    Exchange& exchange = *on_wire_.front();
    for (const auto& [name, value] : headers) {
      if (exchange.kept != nullptr) exchange.kept->AddField(name, value);
    }
    if (exchange.kept != nullptr) exchange.kept->AddBody(body);
    on_wire_.pop_front();
    if (!waiting_.empty()) {
      Put(*waiting_.front());
      waiting_.pop_front();
    }
    const Outcome outcome = status < 400 ? Outcome::kOk : Outcome::kBadStatus;
    exchange.first_byte = clock_.Now();
    exchange.listener->OnDone(exchange, {outcome, status, 100}, clock_.Now());
  }

  void Fail(Outcome outcome) {
    Exchange& exchange = *on_wire_.front();
    on_wire_.pop_front();
    exchange.listener->OnDone(exchange, {outcome, 0, 0}, clock_.Now());
  }

  void ExpireWaiting() {
    Exchange& exchange = *waiting_.front();
    waiting_.pop_front();
    exchange.listener->OnExpired(exchange, clock_.Now());
  }

  // The oldest request on the wire.
  const Exchange& front() const { return *on_wire_.front(); }
  size_t on_wire() const { return on_wire_.size(); }
  size_t waiting() const { return waiting_.size(); }

 private:
  void Put(Exchange& exchange) {
    exchange.sent = clock_.Now();
    on_wire_.push_back(&exchange);
    exchange.listener->OnSent(exchange);
  }

  const Clock& clock_;
  size_t connections_;
  std::deque<Exchange*> on_wire_;
  std::deque<Exchange*> waiting_;
};

}  // namespace loadfleet
