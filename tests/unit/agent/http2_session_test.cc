// HTTP/2 against real sockets: many exchanges on one connection, and all that a server may do to
// them.
#include "agent/http/http2_session.h"

#include <algorithm>
#include <atomic>
#include <string>

#include "agent/http/kept_response.h"
#include "agent/http/request_bytes.h"
#include "tests/support/http2_peer.h"
#include "tests/unit/agent/pool_fixture.h"

namespace loadfleet {
namespace {

using Peer = ScriptedServer::Peer;

void AnswerAll(Http2Peer& peer, int32_t stream) {
  peer.Answer(stream);
}

class Http2Test : public ConnectionPoolTest {
 protected:
  Http2Test() {
    v1::Request request;
    request.set_method("GET");
    request.set_target("/ping");
    request.mutable_origin()->set_scheme(v1::SCHEME_HTTP);
    request.mutable_origin()->set_host("127.0.0.1");
    request_.fields = RequestFields(request);
    options_.connection.protocol = Protocol::kHttp2;
  }

  size_t Count(Outcome outcome) const {
    return static_cast<size_t>(
        std::count_if(results_.begin(), results_.end(),
                      [outcome](const Result& result) { return result.outcome == outcome; }));
  }
};

TEST_F(Http2Test, ManyExchangesShareAConnection) {
  ScriptedServer server([](Peer& peer) { Http2Peer(peer, AnswerAll).Run(); });
  Aim({server.port()}, 10);
  SendMany(100);
  AwaitDone(100);
  EXPECT_EQ(Count(Outcome::kOk), 100u);
  EXPECT_EQ(pool_->connections_opened(), 1u);
  EXPECT_EQ(sent_, 100u);
  EXPECT_EQ(results_.front().status, 200);
}

TEST_F(Http2Test, KeepsWhatSomebodyLooksAt) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer(peer, [](Http2Peer& http, int32_t stream) {
      http.Answer(stream, 201, "body");
    }).Run();
  });
  Aim({server.port()});
  ResponseInterest interest;
  interest.headers = {"server", "absent"};
  interest.body = true;
  KeptResponse kept;
  kept.Begin(interest);
  Exchange exchange;
  exchange.request = &request_;
  exchange.listener = this;
  exchange.intended = exchange.dispatched = clock_.Now();
  exchange.kept = &kept;
  pool_->Send(exchange);
  AwaitDone(1);
  EXPECT_EQ(kept.body(), "body");
  ASSERT_NE(kept.value(0), nullptr);
  EXPECT_EQ(*kept.value(0), "scripted");
  EXPECT_EQ(kept.value(1), nullptr);
}

TEST_F(Http2Test, MoreThanOneTakesGetAnotherConnection) {
  ScriptedServer server([](Peer& peer) { Http2Peer(peer, AnswerAll).Run(); });
  options_.connection.max_streams = 10;
  Aim({server.port()}, 4);
  SendMany(100);
  AwaitDone(100);
  EXPECT_EQ(Count(Outcome::kOk), 100u);
  EXPECT_EQ(pool_->connections_opened(), 4u);
}

TEST_F(Http2Test, NeverMoreAtATimeThanTheServersSettingsAllow) {
  std::atomic<size_t> most = 0;
  ScriptedServer server([&](Peer& peer) {
    Http2Peer http(peer, AnswerAll, 3);
    http.Run();
    most = http.most_open();
  });
  Aim({server.port()}, 1);
  SendMany(50);
  AwaitDone(50);
  EXPECT_EQ(Count(Outcome::kOk), 50u);
  pool_.reset();
  TurnUntil([&] { return most != 0; });
  EXPECT_LE(most, 3u);
}

TEST_F(Http2Test, AServerThatAllowsNothingIsWaitedForUntilItDoes) {
  ScriptedServer server([](Peer& peer) {
    // The second connection's request tells the first one's server nothing: it opens by itself.
    Http2Peer http(peer, AnswerAll, 0);
    http.ChangeMaxStreams(1);
    http.Run();
  });
  Aim({server.port()}, 1);
  SendMany(5);
  AwaitDone(5);
  EXPECT_EQ(Count(Outcome::kOk), 5u);
}

TEST_F(Http2Test, ARefusedStreamIsSentAgainOnceAndStartedOnce) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer(peer, [](Http2Peer& http, int32_t stream) {
      stream == 1 ? http.ResetStream(stream, NGHTTP2_REFUSED_STREAM) : http.Answer(stream);
    }).Run();
  });
  Aim({server.port()}, 1);
  Send();
  // The back-off after a server that has answered nothing yet.
  TurnUntil([&] { return exchanges_.front().resent; });
  if (results_.empty()) Pass(20 * kMillisecond);
  AwaitDone(1);
  EXPECT_EQ(results_.front().outcome, Outcome::kOk);
  EXPECT_TRUE(exchanges_.front().resent);
  EXPECT_EQ(sent_, 1u);
}

TEST_F(Http2Test, RefusedTwiceIsAReset) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer(peer, [](Http2Peer& http, int32_t stream) {
      http.ResetStream(stream, NGHTTP2_REFUSED_STREAM);
    }).Run();
  });
  Aim({server.port()}, 1);
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kReset);
  EXPECT_EQ(sent_, 1u);
}

TEST_F(Http2Test, WhatLiesBeyondAGoawayIsSentAgainOnAnotherConnection) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer(peer, [](Http2Peer& http, int32_t stream) {
      if (http.nth() > 0) return http.Answer(stream);
      if (stream == 1) {
        http.Answer(stream);
        http.GoAway(1, NGHTTP2_NO_ERROR);
      }
    }).Run();
  });
  Aim({server.port()}, 1);
  SendMany(20);
  AwaitDone(20);
  EXPECT_EQ(Count(Outcome::kOk), 20u);
  EXPECT_EQ(pool_->connections_opened(), 2u);
  EXPECT_EQ(sent_, 20u);
}

TEST_F(Http2Test, AServerThatSendsEverybodyAwayIsNotHammered) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer http(peer, [](Http2Peer& self, int32_t) {
      self.GoAway(0, NGHTTP2_ENHANCE_YOUR_CALM);
      self.Leave();
    });
    http.Run();
  });
  Aim({server.port()}, 1);
  Send();
  TurnUntil([&] { return exchanges_.front().resent && pool_->open_connections() == 0; });
  for (int i = 0; i < 5; ++i) loop_->RunOnce(clock_.Now());
  EXPECT_EQ(pool_->connections_opened(), 1u) << "before the back-off is over";
  Pass(20 * kMillisecond);
  EXPECT_EQ(pool_->connections_opened(), 2u);
  AwaitDone(1);
  EXPECT_EQ(results_.front().outcome, Outcome::kReset);
}

TEST_F(Http2Test, AResetStreamLeavesTheOthersAlone) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer(peer, [](Http2Peer& http, int32_t stream) {
      stream == 3 ? http.ResetStream(stream, NGHTTP2_INTERNAL_ERROR) : http.Answer(stream);
    }).Run();
  });
  Aim({server.port()}, 1);
  SendMany(10);
  AwaitDone(10);
  EXPECT_EQ(Count(Outcome::kReset), 1u);
  EXPECT_EQ(Count(Outcome::kOk), 9u);
  EXPECT_EQ(pool_->connections_opened(), 1u);
}

TEST_F(Http2Test, AnEndWithoutAWordIsClosedOrTruncated) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer http(peer, [](Http2Peer& self, int32_t stream) {
      if (stream == 3) self.AnswerPartly(stream);
      if (stream == 5) self.Leave();
    });
    http.Run();
  });
  Aim({server.port()}, 1);
  SendMany(3);
  AwaitDone(3);
  EXPECT_EQ(Count(Outcome::kTruncated), 1u);
  EXPECT_EQ(Count(Outcome::kClosed), 2u);
}

TEST_F(Http2Test, AServerOfAnotherProtocol) {
  ScriptedServer server([](Peer& peer) {
    peer.Read();
    peer.Write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  });
  Aim({server.port()}, 1);
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kH2Protocol);
}

TEST_F(Http2Test, AServerThatSaysNothingEndsAtTheConnectTimeout) {
  ScriptedServer server([](Peer& peer) { peer.WaitForEnd(); });
  Aim({server.port()}, 1);
  Send();
  TurnUntil([&] { return server.accepted() == 1; });
  loop_->RunOnce(clock_.Now());
  EXPECT_TRUE(results_.empty());
  Pass(request_.connect_timeout);
  AwaitDone(1);
  EXPECT_EQ(results_.front().outcome, Outcome::kConnectTimeout);
}

TEST_F(Http2Test, ATimeoutEndsItsStreamAndNoOther) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer(peer, [](Http2Peer& http, int32_t stream) {
      if (stream != 1) http.Answer(stream);
    }).Run();
  });
  Aim({server.port()}, 1);
  SendMany(2);
  AwaitDone(1);
  EXPECT_EQ(results_[0].outcome, Outcome::kOk);
  Pass(request_.first_byte_timeout);
  ASSERT_EQ(results_.size(), 2u);
  EXPECT_EQ(results_[1].outcome, Outcome::kFirstByteTimeout);
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kOk);
  EXPECT_EQ(pool_->connections_opened(), 1u);
}

TEST_F(Http2Test, ABodyThatStopsIsATotalTimeout) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer(peer, [](Http2Peer& http, int32_t stream) { http.AnswerPartly(stream); }).Run();
  });
  Aim({server.port()}, 1);
  Send();
  TurnUntil([&] { return exchanges_.front().first_byte != 0; });
  Pass(request_.first_byte_timeout);
  EXPECT_TRUE(results_.empty());
  Pass(request_.total_timeout - request_.first_byte_timeout);
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(results_[0].outcome, Outcome::kTotalTimeout);
}

TEST_F(Http2Test, AHeadThatUnpacksToMoreThanTheLimitIsTooLarge) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer(peer, [](Http2Peer& http, int32_t stream) {
      stream == 1 ? http.AnswerWithHead(stream, 70'000) : http.Answer(stream);
    }).Run();
  });
  Aim({server.port()}, 1);
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kTooLarge);
  EXPECT_EQ(SendAndAwait().outcome, Outcome::kOk);
}

TEST_F(Http2Test, ABodyGoesOutWholeThroughTheServersWindow) {
  std::atomic<size_t> received = 0;
  ScriptedServer server([&](Peer& peer) {
    Http2Peer(peer, [&](Http2Peer& http, int32_t stream) {
      received = http.body_size(stream);
      http.Answer(stream);
    }).Run();
  });
  request_.wire = std::string(1'000'000, 'x');
  request_.body_size = request_.wire.size();
  Aim({server.port()}, 1);
  const Result result = SendAndAwait();
  EXPECT_EQ(result.outcome, Outcome::kOk);
  EXPECT_EQ(received, 1'000'000u);
  EXPECT_GT(result.bytes_sent, 1'000'000u);
}

TEST_F(Http2Test, AnAnswerBeforeTheBodyIsWholeIsTheAnswer) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer http(peer, AnswerAll);
    http.AnswerEarly(413);
    http.Run();
  });
  request_.wire = std::string(1'000'000, 'x');
  request_.body_size = request_.wire.size();
  Aim({server.port()}, 1);
  const Result result = SendAndAwait();
  EXPECT_EQ(result.outcome, Outcome::kBadStatus);
  EXPECT_EQ(result.status, 413);
  EXPECT_LT(result.bytes_sent, 1'000'000u);
}

TEST_F(Http2Test, AbandonInterruptsWhatIsInFlight) {
  ScriptedServer server([](Peer& peer) { Http2Peer(peer, [](Http2Peer&, int32_t) {}).Run(); });
  Aim({server.port()}, 1);
  SendMany(3);
  TurnUntil([&] { return sent_ == 3; });
  pool_->AbandonOf(*this, clock_.Now());
  EXPECT_EQ(Count(Outcome::kInterrupted), 3u);
  pool_->Abandon(clock_.Now());
  EXPECT_EQ(pool_->open_connections(), 0u);
}

TEST_F(Http2Test, AConnectionIsRetiredAfterItsRequests) {
  ScriptedServer server([](Peer& peer) { Http2Peer(peer, AnswerAll).Run(); });
  Aim({server.port()}, 1);
  options_.max_requests = 5;
  Aim();
  SendMany(12);
  AwaitDone(12);
  EXPECT_EQ(Count(Outcome::kOk), 12u);
  EXPECT_EQ(pool_->connections_opened(), 3u);
}

TEST_F(ConnectionPoolTest, AConnectionIsNotReusedBeyondItsLifetime) {
  ScriptedServer server([](Peer& peer) {
    while (peer.ReadRequest()) peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPONG");
  });
  Aim({server.port()}, 1);
  options_.lifetime = kSecond;
  Aim();
  EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(pool_->connections_opened(), 1u);
  clock_.Advance(kSecond);
  EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(pool_->connections_opened(), 2u);
}

TEST_F(ConnectionPoolTest, WarmConnectionsStandBeforeTheLoad) {
  ScriptedServer server([](Peer& peer) {
    while (peer.ReadRequest()) peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPONG");
  });
  Aim({server.port()}, 100);
  options_.warm_for = &request_;
  Aim();
  EXPECT_TRUE(pool_->warm());
  pool_->Warm();
  EXPECT_FALSE(pool_->warm());
  TurnUntil([&] { return pool_->warm(); });
  EXPECT_EQ(pool_->open_connections(), 100u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(pool_->connections_opened(), 100u);
}

}  // namespace
}  // namespace loadfleet
