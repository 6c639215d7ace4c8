// Several requests at a time on one HTTP/1.1 connection (RFC 9112, 9.3.2): every answer finds its
// request, and the end of a connection says of each what became of it.
#include "agent/http/http1_pipeline.h"

#include <atomic>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "tests/support/scripted_server.h"
#include "tests/unit/agent/pool_fixture.h"

namespace loadfleet {
namespace {

using Peer = ScriptedServer::Peer;

std::string Answer(int status, const std::string& body, const std::string& headers = "") {
  return absl::StrCat("HTTP/1.1 ", status, " Said\r\nContent-Length: ", body.size(), "\r\n",
                      headers, "\r\n", body);
}

// Reads as many requests as that; false when the client ends first.
bool ReadRequests(Peer& peer, int count) {
  for (int i = 0; i < count; ++i) {
    if (!peer.ReadRequest()) return false;
  }
  return true;
}

class Http1PipelineTest : public ConnectionPoolTest {
 protected:
  Http1PipelineTest() { options_.connection.pipelining = 4; }

  std::vector<Outcome> Outcomes() const {
    std::vector<Outcome> outcomes;
    for (const Result& result : results_) outcomes.push_back(result.outcome);
    return outcomes;
  }
  std::vector<int> Statuses() const {
    std::vector<int> statuses;
    for (const Result& result : results_) statuses.push_back(result.status);
    return statuses;
  }
};

TEST_F(Http1PipelineTest, AnswersComeInTheOrderOfTheRequestsOnOneConnection) {
  ScriptedServer server([](Peer& peer) {
    if (!ReadRequests(peer, 4)) return;  // none is answered before all four have come
    peer.Write(Answer(200, "a") + Answer(404, "bb") + Answer(201, "") + Answer(202, "cccc"));
    peer.WaitForEnd();
  });
  Aim({server.port()});
  SendMany(4);
  AwaitDone(4);
  EXPECT_EQ(Statuses(), (std::vector<int>{200, 404, 201, 202}));
  EXPECT_EQ(results_[3].bytes_received, Answer(202, "cccc").size());
  EXPECT_EQ(results_[3].bytes_sent, request_.wire.size());
  EXPECT_EQ(server.accepted(), 1);
  EXPECT_EQ(sent_, 4U);
}

TEST_F(Http1PipelineTest, TakesNoMoreThanItsDepthAndGoesOnAsAnswersCome) {
  std::atomic<int> read = 0;
  absl::Notification go;
  ScriptedServer server([&](Peer& peer) {
    go.WaitForNotification();
    while (peer.ReadRequest()) {
      ++read;
      if (!peer.WriteByteByByte(Answer(200, "pong"))) return;
    }
  });
  Aim({server.port()});
  SendMany(25);
  EXPECT_EQ(pool_->waiting(), 25U);  // nothing stands yet
  TurnUntil([&] { return sent_ == 4; });
  EXPECT_EQ(pool_->waiting(), 21U);
  go.Notify();
  AwaitDone(25);
  EXPECT_EQ(Outcomes(), std::vector<Outcome>(25, Outcome::kOk));
  EXPECT_EQ(read, 25);
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(Http1PipelineTest, AHeadIsAnsweredWithoutABodyAmongOthers) {
  RequestTemplate head = request_;
  head.head = true;
  head.request = 1;
  ScriptedServer server([](Peer& peer) {
    if (!ReadRequests(peer, 3)) return;
    peer.Write(Answer(200, "PONG") + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" +
               Answer(201, "PONG"));
    peer.WaitForEnd();
  });
  Aim({server.port()});
  Send();
  clock_.Advance(1);  // whoever has waited longest goes first
  Send(head);
  clock_.Advance(1);
  Send();
  AwaitDone(3);
  EXPECT_EQ(Statuses(), (std::vector<int>{200, 200, 201}));
}

TEST_F(Http1PipelineTest, WhatStandsBehindTheLastAnswerIsSentAgainElsewhere) {
  ScriptedServer server([](Peer& peer) {
    if (peer.nth() == 0) {
      if (!ReadRequests(peer, 3)) return;
      peer.Write(Answer(200, "", "Connection: close\r\n"));
      peer.WaitForEnd();
      return;
    }
    while (peer.ReadRequest()) peer.Write(Answer(201, ""));
  });
  Aim({server.port()});
  SendMany(3);
  AwaitDone(3);
  EXPECT_EQ(Statuses(), (std::vector<int>{200, 201, 201}));
  EXPECT_EQ(server.accepted(), 2);
  EXPECT_EQ(sent_, 3U);  // each was started once
  EXPECT_TRUE(exchanges_[1].resent);
}

TEST_F(Http1PipelineTest, AnEndWithoutAWordIsTheEndOfAllThatWereSent) {
  ScriptedServer server([](Peer& peer) {
    if (!ReadRequests(peer, 3)) return;
    peer.Write(Answer(200, "") + "HTTP/1.1 200 OK\r\nContent-Le");
  });
  Aim({server.port()});
  SendMany(3);
  AwaitDone(3);
  EXPECT_EQ(Outcomes(),
            (std::vector<Outcome>{Outcome::kOk, Outcome::kTruncated, Outcome::kClosed}));
}

TEST_F(Http1PipelineTest, AnAnswerThatIsNoHttpEndsTheConnection) {
  ScriptedServer server([](Peer& peer) {
    if (!ReadRequests(peer, 2)) return;
    peer.Write("SSH-2.0-OpenSSH\r\n");
    peer.WaitForEnd();
  });
  Aim({server.port()});
  SendMany(2);
  AwaitDone(2);
  EXPECT_EQ(Outcomes(), (std::vector<Outcome>{Outcome::kMalformed, Outcome::kClosed}));
}

TEST_F(Http1PipelineTest, MoreAnswersThanRequestsCloseTheConnection) {
  ScriptedServer server([](Peer& peer) {
    while (peer.ReadRequest()) {
      peer.Write(peer.nth() == 0 ? Answer(200, "") + Answer(299, "") : Answer(201, ""));
    }
  });
  Aim({server.port()});
  EXPECT_EQ(SendAndAwait().status, 200);
  EXPECT_EQ(SendAndAwait().status, 201);  // the 299 was for nobody
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(Http1PipelineTest, TheOldestTimesOutAndTheOthersWithItsConnection) {
  ScriptedServer server([](Peer& peer) { peer.WaitForEnd(); });
  Aim({server.port()});
  SendMany(2);
  TurnUntil([&] { return sent_ == 2; });
  Pass(request_.first_byte_timeout);
  AwaitDone(2);
  EXPECT_EQ(Outcomes(), (std::vector<Outcome>{Outcome::kFirstByteTimeout, Outcome::kClosed}));
}

TEST_F(Http1PipelineTest, AFirstByteGivesTheAnswerUntilTheTotalTimeout) {
  ScriptedServer server([](Peer& peer) {
    if (!peer.ReadRequest()) return;
    peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPO");
    peer.WaitForEnd();
  });
  Aim({server.port()});
  Send();
  TurnUntil([&] { return exchanges_[0].first_byte != 0; });
  Pass(request_.first_byte_timeout);
  EXPECT_TRUE(results_.empty());
  Pass(request_.total_timeout - request_.first_byte_timeout);
  AwaitDone(1);
  EXPECT_EQ(results_[0].outcome, Outcome::kTotalTimeout);
}

// Keeps what it hears apart from the fixture.
struct Other : ExchangeListener {
  void OnSent(Exchange&) override { ++sent; }
  void OnDone(Exchange&, const Result& result, Nanos) override { results.push_back(result); }
  void OnExpired(Exchange&, Nanos) override {}
  int sent = 0;
  std::vector<Result> results;
};

TEST_F(Http1PipelineTest, OnesThatAreGivenUpLeaveTheirPlacesToTheirAnswers) {
  absl::Notification answer;
  ScriptedServer server([&](Peer& peer) {
    if (!ReadRequests(peer, 3)) return;
    answer.WaitForNotification();
    peer.Write(Answer(200, "a") + Answer(201, "b") + Answer(202, "c"));
    peer.WaitForEnd();
  });
  Aim({server.port()});
  Other other;
  Exchange theirs[2];
  for (Exchange& exchange : theirs) {
    exchange.request = &request_;
    exchange.listener = &other;
  }
  pool_->Send(theirs[0]);
  Send();
  pool_->Send(theirs[1]);
  TurnUntil([&] { return sent_ == 1 && other.sent == 2; });
  pool_->AbandonOf(other, clock_.Now());
  answer.Notify();
  ASSERT_EQ(other.results.size(), 2U);
  EXPECT_EQ(other.results[0].outcome, Outcome::kInterrupted);
  EXPECT_TRUE(results_.empty());
  AwaitDone(1);
  EXPECT_EQ(results_[0].status, 201);
  EXPECT_EQ(other.results.size(), 2U);
}

TEST_F(Http1PipelineTest, ALargeBodyGoesOutAsTheServerReads) {
  request_.body_size = 1 << 20;
  request_.wire = absl::StrCat("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: ", 1 << 20,
                               "\r\n\r\n", std::string(1 << 20, 'x'));
  ScriptedServer server([&](Peer& peer) {
    size_t received = 0;
    while (received < 3 * request_.wire.size()) {
      const std::string bytes = peer.Read();
      if (bytes.empty()) return;
      received += bytes.size();
    }
    peer.Write(Answer(200, "") + Answer(200, "") + Answer(200, ""));
    peer.WaitForEnd();
  });
  Aim({server.port()});
  SendMany(3);
  AwaitDone(3);
  for (const Result& result : results_) {
    EXPECT_EQ(result.outcome, Outcome::kOk);
    EXPECT_EQ(result.bytes_sent, request_.wire.size());
  }
}

}  // namespace
}  // namespace loadfleet
