// A pool on a loop of its own against a server on loopback, and what becomes of what is sent.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>

#include <deque>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "agent/connection/connection_pool.h"
#include "tests/support/manual_clock.h"

namespace loadfleet {

inline SocketAddress Loopback(int port) {
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  v4->sin_family = AF_INET;
  v4->sin_port = htons(static_cast<uint16_t>(port));
  v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.length = sizeof(sockaddr_in);
  return address;
}

class ConnectionPoolTest : public ::testing::Test, public ExchangeListener {
 protected:
  ConnectionPoolTest() {
    loop_ = *EventLoop::Create(clock_);
    request_.wire = "GET /ping HTTP/1.1\r\nHost: test\r\n\r\n";
    request_.connect_timeout = 2 * kSecond;
    request_.first_byte_timeout = 5 * kSecond;
    request_.total_timeout = 10 * kSecond;
    request_.max_wait = 10 * kSecond;
  }
  ~ConnectionPoolTest() override { pool_.reset(); }

  void Aim(std::vector<int> ports, uint32_t max_connections = 1, bool keep_alive = true) {
    options_.host.addresses.clear();
    for (const int port : ports) options_.host.addresses.push_back(Loopback(port));
    options_.max_connections = max_connections;
    options_.max_requests = keep_alive ? 0 : 1;
    Aim();
  }
  void Aim() {
    PoolOptions options = options_;
    pool_ = std::make_unique<ConnectionPool>(*loop_, std::move(options));
  }

  void Send() { Send(request_); }
  void SendMany(int count) {
    for (int i = 0; i < count; ++i) Send();
  }
  void Send(const RequestTemplate& request) {
    Exchange& exchange = exchanges_.emplace_back();
    exchange.request = &request;
    exchange.listener = this;
    exchange.intended = exchange.dispatched = clock_.Now();
    pool_->Send(exchange);
  }

  // Turns the loop until it holds; the clock stands still meanwhile. The limit only ends a test
  // that has failed.
  void TurnUntil(absl::FunctionRef<bool()> holds) {
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    while (!holds()) {
      ASSERT_LT(absl::Now(), limit) << "it never came";
      loop_->RunOnce(clock_.Now() + kMillisecond);
    }
  }
  void AwaitDone(size_t count) {
    TurnUntil([&] { return results_.size() >= count; });
  }
  // Time passes, and the loop hears of it.
  void Pass(Nanos by) {
    clock_.Advance(by + DeadlineWheel::kTick);
    loop_->RunOnce(clock_.Now());
  }
  Result SendAndAwait() {
    const size_t before = results_.size();
    Send();  // which may already be its end
    AwaitDone(before + 1);
    return results_.empty() ? Result{} : results_.back();
  }

  void OnSent(Exchange&) override { ++sent_; }
  void OnDone(Exchange&, const Result& result, Nanos) override { results_.push_back(result); }
  void OnExpired(Exchange&, Nanos) override { ++expired_; }

  ManualClock clock_;
  std::unique_ptr<EventLoop> loop_;
  RequestTemplate request_;
  PoolOptions options_;
  std::unique_ptr<ConnectionPool> pool_;
  std::deque<Exchange> exchanges_;
  std::vector<Result> results_;
  size_t sent_ = 0;
  size_t expired_ = 0;
};

}  // namespace loadfleet
