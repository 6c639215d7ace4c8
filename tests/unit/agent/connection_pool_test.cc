// Connections against real sockets: every way in which a target can answer, or not, is one Outcome.
#include "agent/connection/connection_pool.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <deque>

#include <gtest/gtest.h>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/limits.h"
#include "tests/support/eventually.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_server.h"
#include "tests/unit/agent/pool_fixture.h"

namespace loadfleet {
namespace {

constexpr char kPong[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPONG";

// A port that is held, so that nobody else gets it.
class HeldPort {
 public:
  HeldPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    SocketAddress any = Loopback(0);
    EXPECT_EQ(bind(fd_, any.get(), any.length), 0);
    socklen_t length = sizeof any.storage;
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&any.storage), &length), 0);
    port_ = ntohs(reinterpret_cast<sockaddr_in*>(&any.storage)->sin_port);
  }
  ~HeldPort() {
    for (const int fd : callers_) close(fd);
    close(fd_);
  }
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;

  // Nobody listens: connecting is refused. Until this: a listener whose queue is full, so that
  // whoever connects waits.
  void FillQueue() {
    ASSERT_EQ(listen(fd_, 0), 0);
    const SocketAddress address = Loopback(port_);
    for (int i = 0; i < 4; ++i) {
      callers_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      connect(callers_.back(), address.get(), address.length);
    }
  }

  int port() const { return port_; }

 private:
  const int fd_;
  int port_ = 0;
  std::vector<int> callers_;
};

// --- what the target says ---

enum class After { kKept, kClosed };

struct Answer {
  const char* name;
  std::string bytes;
  Outcome outcome;
  uint16_t status;
  After after;
  bool ends = false;  // the target closes behind it
  bool head = false;  // to a HEAD request
};

void PrintTo(const Answer& answer, std::ostream* out) {
  *out << answer.name;
}

class TargetAnswers : public ConnectionPoolTest, public ::testing::WithParamInterface<Answer> {
 protected:
  void Check(const std::function<void(ScriptedServer::Peer&, const std::string&)>& write) {
    const Answer& answer = GetParam();
    ScriptedServer server([&](ScriptedServer::Peer& peer) {
      while (peer.ReadRequest()) {
        write(peer, answer.bytes);
        if (answer.ends) return;
      }
    });
    request_.head = answer.head;
    Aim({server.port()});
    const Result result = SendAndAwait();
    EXPECT_EQ(OutcomeName(result.outcome), OutcomeName(answer.outcome));
    EXPECT_EQ(result.status, answer.status);
    if (answer.after == After::kClosed) {
      TurnUntil([&] { return pool_->open_connections() == 0; });
      return;
    }
    EXPECT_EQ(result.bytes_received, answer.bytes.size());
    const Result second = SendAndAwait();
    EXPECT_EQ(OutcomeName(second.outcome), OutcomeName(answer.outcome));
    EXPECT_EQ(pool_->connections_opened(), 1u);
    EXPECT_EQ(server.accepted(), 1);
  }
};

TEST_P(TargetAnswers, InOnePiece) {
  Check([](ScriptedServer::Peer& peer, const std::string& bytes) { peer.Write(bytes); });
}

TEST_P(TargetAnswers, ByteByByte) {
  Check([](ScriptedServer::Peer& peer, const std::string& bytes) { peer.WriteByteByByte(bytes); });
}

INSTANTIATE_TEST_SUITE_P(
    Complete, TargetAnswers,
    ::testing::Values(
        Answer{"with_a_length", kPong, Outcome::kOk, 200, After::kKept},
        Answer{"without_a_body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Outcome::kOk, 200,
               After::kKept},
        Answer{"in_chunks",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nPONG\r\n0\r\n\r\n",
               Outcome::kOk, 200, After::kKept},
        Answer{"in_chunks_with_trailers",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
               "4;x=y\r\nPONG\r\n0\r\nChecksum: 1\r\n\r\n",
               Outcome::kOk, 200, After::kKept},
        Answer{"no_content", "HTTP/1.1 204 No Content\r\n\r\n", Outcome::kOk, 204, After::kKept},
        Answer{"not_modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n",
               Outcome::kOk, 304, After::kKept},
        Answer{"to_head", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", Outcome::kOk, 200,
               After::kKept, false, true},
        Answer{"after_continue", absl::StrCat("HTTP/1.1 100 Continue\r\n\r\n", kPong), Outcome::kOk,
               200, After::kKept},
        Answer{"after_early_hints",
               absl::StrCat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", kPong), Outcome::kOk,
               200, After::kKept},
        Answer{"not_found", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
               Outcome::kBadStatus, 404, After::kKept},
        Answer{"server_error", "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
               Outcome::kBadStatus, 500, After::kKept},
        Answer{"and_says_close",
               "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nPONG",
               Outcome::kOk, 200, After::kClosed},
        Answer{"of_http_1_0", "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nPONG", Outcome::kOk, 200,
               After::kClosed},
        Answer{"until_it_closes", "HTTP/1.1 200 OK\r\n\r\nPONG", Outcome::kOk, 200, After::kClosed,
               true},
        Answer{"and_a_second_that_nobody_asked_for", absl::StrCat(kPong, kPong), Outcome::kOk, 200,
               After::kClosed}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Broken, TargetAnswers,
    ::testing::Values(
        Answer{"nothing", "", Outcome::kClosed, 0, After::kClosed, true},
        Answer{"half_a_head", "HTTP/1.1 200 OK\r\nConte", Outcome::kTruncated, 0, After::kClosed,
               true},
        Answer{"half_a_body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nPONG",
               Outcome::kTruncated, 0, After::kClosed, true},
        Answer{"half_a_chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nPONG",
               Outcome::kTruncated, 0, After::kClosed, true},
        Answer{"only_continue", "HTTP/1.1 100 Continue\r\n\r\n", Outcome::kTruncated, 0,
               After::kClosed, true},
        Answer{"another_protocol", "SSH-2.0-OpenSSH_9.2\r\n", Outcome::kMalformed, 0,
               After::kClosed},
        Answer{"a_chunk_of_no_size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
               Outcome::kMalformed, 0, After::kClosed},
        Answer{"two_lengths",
               "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nPONG",
               Outcome::kMalformed, 0, After::kClosed},
        Answer{"an_upgrade_that_nobody_asked_for",
               "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: "
               "websocket\r\n\r\n",
               Outcome::kMalformed, 0, After::kClosed},
        Answer{"a_status_beyond_the_classes_until_it_closes", "HTTP/1.1 999 Odd\r\n\r\nx",
               Outcome::kMalformed, 0, After::kClosed, true},
        Answer{"a_status_beyond_the_classes", "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
               Outcome::kMalformed, 0, After::kClosed}),
    [](const auto& one) { return one.param.name; });

TEST_F(ConnectionPoolTest, AHeadWithoutEndIsTooLarge) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\n");
    while (peer.Write("X-Filler: abcdefghijklmnopqrstuvwxyz\r\n")) {
    }
  });
  Aim({server.port()});
  const Result result = SendAndAwait();
  EXPECT_EQ(OutcomeName(result.outcome), "too_large");
  EXPECT_LE(result.bytes_received, limits::kResponseHeadBytes + ReadBuffers::kRead);
  EXPECT_EQ(pool_->open_connections(), 0u);
}

TEST_F(ConnectionPoolTest, AReset) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.ReadRequest();
    if (peer.nth() == 1) peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nPONG");
    peer.Reset();
  });
  Aim({server.port()});
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "reset");
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "reset") << "within a response too";
  EXPECT_EQ(pool_->open_connections(), 0u);
}

TEST_F(ConnectionPoolTest, AResetThatTheWriteFindsIsAReset) {
  absl::Notification answered;
  absl::Notification gone;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    if (peer.nth() > 0) return;
    peer.ReadRequest();
    peer.Write(kPong);
    answered.WaitForNotification();
    peer.Reset();
    peer.Close();
    gone.Notify();
  });
  Aim({server.port()});
  EXPECT_EQ(SendAndAwait().status, 200);
  answered.Notify();
  gone.WaitForNotification();
  // The loop has not heard of it yet.
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "reset");
}

TEST_F(ConnectionPoolTest, ATargetThatSpeaksFirstSpeaksAnotherProtocol) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.Write("220 mail.test ESMTP\r\n");
    peer.WaitForEnd();
  });
  Aim({server.port()});
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "malformed");
}

TEST_F(ConnectionPoolTest, AnAnswerBeforeTheRequestHasBeenWrittenIsTheAnswer) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    peer.WaitForEnd();
  });
  request_.wire =
      "POST / HTTP/1.1\r\nContent-Length: 67108864\r\n\r\n" + std::string(64 << 20, 'x');
  Aim({server.port()});
  const Result result = SendAndAwait();
  EXPECT_EQ(OutcomeName(result.outcome), "bad_status");
  EXPECT_EQ(result.status, 413);
}

// --- what it does not say ---

TEST_F(ConnectionPoolTest, NobodyListens) {
  HeldPort port;
  Aim({port.port()});
  EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "refused");
  EXPECT_EQ(sent_, 0u);
  EXPECT_EQ(pool_->open_connections(), 0u);
}

TEST_F(ConnectionPoolTest, NobodyAccepts) {
  HeldPort port;
  port.FillQueue();
  Aim({port.port()});
  Send();
  loop_->RunOnce(clock_.Now());
  EXPECT_TRUE(results_.empty());
  Pass(request_.connect_timeout);
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(OutcomeName(results_[0].outcome), "connect_timeout");
  EXPECT_EQ(pool_->open_connections(), 0u);
}

TEST_F(ConnectionPoolTest, NobodyAnswers) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  Aim({server.port()});
  Send();
  TurnUntil([&] { return sent_ == 1; });
  Pass(request_.first_byte_timeout - 2 * DeadlineWheel::kTick);
  EXPECT_TRUE(results_.empty()) << "a timeout never comes early";
  Pass(DeadlineWheel::kTick);
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(OutcomeName(results_[0].outcome), "first_byte_timeout");
  EXPECT_EQ(pool_->open_connections(), 0u);
}

// A worker that was stopped finds all at once: what has come in time, and every deadline passed.
TEST_F(ConnectionPoolTest, AnswersThatHaveComeAreReadBeforeTimeoutsFire) {
  constexpr size_t kMany = 600;
  std::atomic<size_t> answered{0};
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) {
      peer.Write(kPong);
      ++answered;
    }
  });
  Aim({server.port()}, kMany);
  for (size_t i = 0; i < kMany; ++i) Send();
  AwaitDone(kMany);
  ASSERT_EQ(pool_->open_connections(), kMany);
  for (size_t i = 0; i < kMany; ++i) Send();
  ASSERT_TRUE(Eventually([&] { return answered == 2 * kMany; }));
  clock_.Advance(request_.total_timeout + kSecond);
  loop_->RunOnce(clock_.Now());
  ASSERT_EQ(results_.size(), 2 * kMany);
  for (const Result& result : results_) ASSERT_EQ(OutcomeName(result.outcome), "ok");
}

TEST_F(ConnectionPoolTest, ATargetThatLetsNobodyInIsNoFaultOfTheGenerator) {
  HeldPort port;
  port.FillQueue();
  request_.max_wait = 500 * kMillisecond;  // shorter than the connect timeout
  Aim({port.port()}, 10);
  Send();
  clock_.Advance(600 * kMillisecond);
  pool_->ExpireWaiting(clock_.Now());
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(OutcomeName(results_[0].outcome), "connect_timeout");
  EXPECT_EQ(expired_, 0u);
}

TEST_F(ConnectionPoolTest, EachRequestHasAConnectTimeoutOfItsOwn) {
  HeldPort port;
  port.FillQueue();
  Aim({port.port()}, 4);
  RequestTemplate patient = request_;
  patient.connect_timeout = 60 * kSecond;
  RequestTemplate hasty = request_;
  hasty.connect_timeout = 100 * kMillisecond;
  Send(patient);
  Send(hasty);
  Pass(hasty.connect_timeout);
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(OutcomeName(results_[0].outcome), "connect_timeout");
  EXPECT_EQ(pool_->waiting(), 1u) << "the patient one";
  pool_->Abandon(clock_.Now());
}

TEST_F(ConnectionPoolTest, TheAnswerNeverEnds) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nPONG");
    peer.WaitForEnd();
  });
  Aim({server.port()});
  Send();
  TurnUntil([&] { return sent_ == 1; });
  // Until the first bytes are in, which only the timeout that ends it shows.
  for (int i = 0; i < 200; ++i) loop_->RunOnce(clock_.Now() + kMillisecond);
  Pass(request_.total_timeout);
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(OutcomeName(results_[0].outcome), "total_timeout");
  EXPECT_EQ(results_[0].bytes_received, 43u);
}

// --- which connection ---

// Answers every request.
void Pong(ScriptedServer::Peer& peer) {
  while (peer.ReadRequest()) peer.Write(kPong);
}

TEST_F(ConnectionPoolTest, AFreeConnectionIsReused) {
  ScriptedServer server(Pong);
  Aim({server.port()}, 8);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(pool_->connections_opened(), 1u);
}

TEST_F(ConnectionPoolTest, WithoutKeepAliveEachRequestHasAConnectionOfItsOwn) {
  ScriptedServer server(Pong);
  Aim({server.port()}, 8, false);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(pool_->connections_opened(), 5u);
  EXPECT_EQ(pool_->open_connections(), 0u);
}

TEST_F(ConnectionPoolTest, BeyondTheLimitRequestsWaitInTheirOrder) {
  ScriptedServer server(Pong);
  Aim({server.port()}, 2);
  for (int i = 0; i < 10; ++i) Send();
  AwaitDone(10);
  EXPECT_EQ(pool_->connections_opened(), 2u);
  EXPECT_EQ(pool_->waiting(), 0u);
}

TEST_F(ConnectionPoolTest, WhatWaitsTooLongIsNeverSent) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  request_.max_wait = kSecond;
  Aim({server.port()}, 1);
  Send();
  Send();
  TurnUntil([&] { return sent_ == 1; });
  pool_->ExpireWaiting(clock_.Now() + kSecond);
  EXPECT_EQ(expired_, 0u);
  pool_->ExpireWaiting(clock_.Now() + kSecond + 1);
  EXPECT_EQ(expired_, 1u);
  EXPECT_EQ(sent_, 1u);
}

TEST_F(ConnectionPoolTest, EachWaitsAsLongAsItsOwnRequestMay) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  Aim({server.port()}, 1);
  Send();
  TurnUntil([&] { return sent_ == 1; });
  RequestTemplate patient = request_;
  patient.max_wait = 3'600 * kSecond;
  RequestTemplate hasty = request_;
  hasty.max_wait = kSecond;
  Send(patient);
  Send(hasty);
  pool_->ExpireWaiting(clock_.Now() + 4 * kSecond);
  EXPECT_EQ(expired_, 1u);
  EXPECT_EQ(pool_->waiting(), 1u);
  pool_->Abandon(clock_.Now());
}

TEST_F(ConnectionPoolTest, AConnectionThatTheTargetHasClosedIsNotReused) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.ReadRequest();
    peer.Write(kPong);  // and closes without a word
  });
  Aim({server.port()});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(SendAndAwait().status, 200);
    TurnUntil([&] { return pool_->open_connections() == 0; });
  }
  EXPECT_EQ(pool_->connections_opened(), 3u);
}

TEST_F(ConnectionPoolTest, BytesThatNobodyAskedForEndAnIdleConnection) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.ReadRequest();
    peer.Write(kPong);
    if (peer.ReadRequest()) peer.Write(absl::StrCat(kPong, kPong));
    peer.WaitForEnd();
  });
  Aim({server.port()});
  EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(SendAndAwait().status, 200);
  TurnUntil([&] { return pool_->open_connections() == 0; });
  EXPECT_EQ(results_.size(), 2u) << "the third answer is nobody's";
}

// --- several addresses ---

TEST_F(ConnectionPoolTest, AddressesAreTakenInTurn) {
  ScriptedServer first(Pong);
  ScriptedServer second(Pong);
  Aim({first.port(), second.port()}, 8, false);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(first.accepted(), 5);
  EXPECT_EQ(second.accepted(), 5);
}

TEST_F(ConnectionPoolTest, NoRequestFailsForAnAddressThatRefusesWhileAnotherAnswers) {
  HeldPort refuses;
  ScriptedServer answers(Pong);
  Aim({refuses.port(), answers.port()}, 4, false);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(answers.accepted(), 10);
  EXPECT_EQ(pool_->connections_opened(), 11u) << "it was tried once, and is left alone for a while";
  Pass(5 * kSecond);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(pool_->connections_opened(), 22u) << "and tried again";
}

TEST_F(ConnectionPoolTest, WhenEveryAddressRefusesSoIsTheRequest) {
  HeldPort first;
  HeldPort second;
  Aim({first.port(), second.port()}, 4);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(OutcomeName(SendAndAwait().outcome), "refused");
  EXPECT_EQ(results_.size(), 5u);
}

// --- the end ---

TEST_F(ConnectionPoolTest, DropWaitingLeavesWhatIsInFlightAlone) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  Aim({server.port()}, 2);
  for (int i = 0; i < 5; ++i) Send();
  TurnUntil([&] { return sent_ == 2; });
  pool_->DropWaiting(clock_.Now());
  EXPECT_EQ(expired_, 3u);
  EXPECT_TRUE(results_.empty());
}

TEST_F(ConnectionPoolTest, AbandonOfOneListenerLeavesTheOthersAlone) {
  struct Other : ExchangeListener {
    void OnSent(Exchange&) override { ++sent; }
    void OnDone(Exchange&, const Result&, Nanos) override { ++done; }
    void OnExpired(Exchange&, Nanos) override { ++expired; }
    int sent = 0;
    int done = 0;
    int expired = 0;
  } other;
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  Aim({server.port()}, 3);
  const RequestTemplate theirs = request_;
  std::deque<Exchange> others;
  const auto send_other = [&] {
    Exchange& exchange = others.emplace_back();
    exchange.request = &theirs;
    exchange.listener = &other;
    exchange.intended = exchange.dispatched = clock_.Now();
    pool_->Send(exchange);
  };
  Send();
  send_other();
  Send();
  TurnUntil([&] { return sent_ + static_cast<size_t>(other.sent) == 3; });
  Send();
  send_other();
  pool_->AbandonOf(*this, clock_.Now());
  ASSERT_EQ(results_.size(), 2u);
  for (const Result& result : results_) EXPECT_EQ(OutcomeName(result.outcome), "interrupted");
  EXPECT_EQ(expired_, 1u);
  EXPECT_EQ(other.done + other.expired, 0);
  TurnUntil([&] { return other.sent == 2; });
  pool_->Abandon(clock_.Now());
}

TEST_F(ConnectionPoolTest, AbandonInterruptsWhatIsInFlightAndExpiresWhatWaits) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  Aim({server.port()}, 2);
  for (int i = 0; i < 5; ++i) Send();
  TurnUntil([&] { return sent_ == 2; });
  pool_->Abandon(clock_.Now());
  ASSERT_EQ(results_.size(), 2u);
  for (const Result& result : results_) EXPECT_EQ(OutcomeName(result.outcome), "interrupted");
  EXPECT_EQ(expired_, 3u);
  EXPECT_EQ(pool_->open_connections(), 0u);
  Send();
  EXPECT_EQ(expired_, 4u) << "nothing is sent any more";
}

}  // namespace
}  // namespace loadfleet
