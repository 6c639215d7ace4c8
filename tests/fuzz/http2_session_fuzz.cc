#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "agent/http/http2_session.h"
#include "tests/fuzz/fuzz_targets.h"
#include "tests/fuzz/require.h"
#include "tests/support/manual_clock.h"

namespace loadfleet {
namespace {

constexpr size_t kExchanges = 8;
constexpr uint32_t kAtATime = 4;

struct Options {
  bool settings = true;      // the server begins as it must
  bool narrow = false;       // the kernel takes a few bytes at a time
  bool writes_fail = false;  // after some hundreds of bytes
};

// The network and whoever started the exchanges.
class Host final : public SessionHost, public ExchangeListener {
 public:
  Host(EventLoop& loop, const Options& options) : loop_(loop), options_(options) {
    get_.fields = {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
    get_.wire = "GET / HTTP/1.1\r\n\r\n";
    post_ = get_;
    post_.fields[0].value = "POST";
    post_.body_size = 100'000;  // more than the first window
    post_.wire.append(post_.body_size, 'x');
    head_ = get_;
    head_.fields[0].value = "HEAD";
    head_.head = true;
    for (RequestTemplate* request : {&get_, &post_, &head_}) {
      request->first_byte_timeout = request->total_timeout = kSecond;
    }
    session_ = std::make_unique<Http2Session>(*this, kAtATime);
  }

  Session& session() { return *session_; }

  void SendSome() {
    const std::array<const RequestTemplate*, 3> requests = {&get_, &post_, &head_};
    while (ready_ && !closed_ && sent_ < kExchanges && session_->Room() > 0) {
      Exchange& exchange = exchanges_[sent_];
      exchange.request = requests[sent_ % requests.size()];
      exchange.listener = this;
      ++sent_;
      session_->Send(exchange);
    }
  }

  void CheckEnd() const {
    Require(closed_ || ended_ == sent_, "what is open is closed at the end");
    Require(session_->exchanges() == 0, "a session that has ended has no exchange on it");
    Require(ended_ == sent_, "every exchange ends");
  }

  EventLoop& loop() override { return loop_; }
  Written Write(const char*, size_t size) override {
    Require(!closed_, "nothing is written after the end");
    if (options_.writes_fail && written_ > 400) return {0, Outcome::kReset};
    if (options_.narrow) size = std::min<size_t>(size, written_ % 3 * 50);
    written_ += size + (size == 0 ? 1 : 0);
    return {size};
  }
  void ReadToEnd() override {}
  bool ending() const override { return false; }
  void Close() override { closed_ = true; }
  bool closed() const override { return closed_; }
  void SetDeadline(Nanos) override {}
  void CancelDeadline() override {}
  void OnReady() override {
    Require(!ready_, "a session becomes ready once");
    ready_ = true;
  }
  void OnRoom() override {}
  void OnBroken(Outcome outcome, Nanos) override {
    Require(!ready_, "what was ready is not broken but ended");
    Require(outcome != Outcome::kOk, "there is a reason");
    closed_ = true;
  }
  void OnDone(Exchange& exchange, const Result& result, Nanos) override {
    Require(HasResponse(result.outcome) == (result.status >= 200 && result.status <= 599),
            "a response has a status, and nothing else has");
    End(exchange);
  }
  void OnUnprocessed(Exchange& exchange, Nanos) override { End(exchange); }

  void OnSent(Exchange&) override {}
  void OnExpired(Exchange&, Nanos) override {}

 private:
  void End(Exchange& exchange) {
    Require(exchange.request != nullptr, "an exchange ends once");
    exchange.request = nullptr;
    ++ended_;
  }

  EventLoop& loop_;
  const Options options_;
  RequestTemplate get_;
  RequestTemplate post_;
  RequestTemplate head_;
  std::array<Exchange, kExchanges> exchanges_;
  size_t sent_ = 0;
  size_t ended_ = 0;
  uint64_t written_ = 0;
  bool ready_ = false;
  bool closed_ = false;
  std::unique_ptr<Http2Session> session_;
};

}  // namespace

void FuzzHttp2Session(const uint8_t* data, size_t size) {
  if (size < 2) return;
  static ManualClock clock;
  static const std::unique_ptr<EventLoop> loop = *EventLoop::Create(clock);
  Options options;
  options.settings = (data[0] & 1) == 0;
  options.narrow = (data[0] & 2) != 0;
  options.writes_fail = (data[0] & 4) != 0;
  uint32_t split = data[1];
  Host host(*loop, options);
  host.session().Start();
  std::string bytes;
  if (options.settings) bytes.append("\0\0\0\4\0\0\0\0\0", 9);
  bytes.append(reinterpret_cast<const char*>(data) + 2, size - 2);
  size_t at = 0;
  while (at < bytes.size() && !host.closed()) {
    split = split * 1'664'525 + 1'013'904'223;
    const size_t piece = std::min<size_t>(1 + (split >> 24), bytes.size() - at);
    host.session().OnBytes(bytes.data() + at, piece, clock.Now());
    at += piece;
    if (!host.closed()) host.SendSome();
    loop->RunOnce(clock.Now());
    if (!host.closed()) host.session().OnWritable();
  }
  if (!host.closed()) host.session().OnEnd(Outcome::kOk, clock.Now());
  host.CheckEnd();
}

}  // namespace loadfleet
