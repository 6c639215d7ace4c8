// Failing exchanges that are kept for people to read: whatever the version and however the bytes
// come, with what was sent and what came back.
#include "agent/scenario/failure_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "agent/http/request_bytes.h"
#include "tests/support/http2_peer.h"
#include "tests/unit/agent/pool_fixture.h"
#include "tests/unit/agent/recorded.h"

namespace loadfleet {
namespace {

using Peer = ScriptedServer::Peer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
constexpr char kError[] =
    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
    "Set-Cookie: sid=s3cr3t; Path=/\r\nTransfer-Encoding: chunked\r\n\r\n"
    "8\r\n{\"error\"\r\n9\r\n:\"full\"} \r\n0\r\n\r\n";
constexpr char kErrorBody[] = "{\"error\":\"full\"} ";

// A pool whose failing exchanges are recorded as a walker records those of its iterations.
class Failures : public ConnectionPoolTest {
 protected:
  Failures() {
    request_.wire =
        "POST /order HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer t0k3n\r\n"
        "Content-Length: 5\r\n\r\nhello";
    request_.body_size = 5;
    recorded_.recorder().Start(0, 0);
  }

  void OnMayFail(Exchange& exchange) override {
    ++may_fail_;
    failures_.OnMayFail(exchange);
  }
  void OnDone(Exchange& exchange, const Result& result, Nanos now) override {
    if (result.outcome != Outcome::kOk) {
      failures_.Add(FailureRecorder::KindOf(exchange, result, 0), exchange, result, {}, now);
    }
    if (exchange.shown != nullptr) failures_.Release(exchange);
    ConnectionPoolTest::OnDone(exchange, result, now);
  }

  // One exchange after the other.
  void SendOneByOne(int count) {
    for (int i = 0; i < count; ++i) SendAndAwait();
  }
  const std::vector<KeptFailure>& kept() { return recorded_.recorder().current().failures; }
  void ExpectTheErrorIsKept() {
    ASSERT_THAT(kept(), SizeIs(1));
    const v1::ExchangeRecord& record = kept()[0].record;
    EXPECT_EQ(record.outcome(), v1::OUTCOME_BAD_STATUS);
    EXPECT_THAT(record.response_head(), StartsWith("HTTP/1.1 503"));
    EXPECT_THAT(record.response_head(), HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(record.response_head(), HasSubstr("Path=/"));
    EXPECT_THAT(record.response_head(), Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(record.response_head(), Not(HasSubstr("Link"))) << "an interim response's";
    EXPECT_EQ(record.response_body(), kErrorBody);
    EXPECT_FALSE(record.response_cut());
    EXPECT_THAT(record.request_head(), StartsWith("POST /order HTTP/1.1\r\nHost: test\r\n"));
    EXPECT_THAT(record.request_head(), Not(HasSubstr("t0k3n")));
    EXPECT_EQ(record.request_body(), "hello");
  }

  Recorded recorded_;
  FailureRecorder failures_{recorded_.recorder()};
  int may_fail_ = 0;
};

TEST_F(Failures, AResponseThatComesAtOnceIsKeptWhole) {
  ScriptedServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Write(kError);
    peer.WaitForEnd();
  });
  Aim({server.port()});
  SendOneByOne(1);
  ExpectTheErrorIsKept();
}

TEST_F(Failures, AResponseThatComesByteByByteIsKeptWhole) {
  ScriptedServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.WriteByteByByte(kError);
    peer.WaitForEnd();
  });
  Aim({server.port()});
  SendOneByOne(1);
  ExpectTheErrorIsKept();
}

TEST_F(Failures, OnAPipelineToo) {
  ScriptedServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.ReadRequest();
    peer.Write(absl::StrCat(kOk, kError));
    peer.WaitForEnd();
  });
  options_.connection.pipelining = 2;
  Aim({server.port()});
  Send();
  Send();
  AwaitDone(2);
  ExpectTheErrorIsKept();
}

TEST_F(Failures, OverHttp2Too) {
  ScriptedServer server([](Peer& peer) {
    Http2Peer(peer, [](Http2Peer& http, int32_t stream) {
      http.Answer(stream, 503, kErrorBody);
    }).Run();
  });
  v1::Request request;
  request.set_method("POST");
  request.set_target("/order");
  request.set_body("hello");
  request.mutable_origin()->set_scheme(v1::SCHEME_HTTP);
  request.mutable_origin()->set_host("127.0.0.1");
  request_.fields = RequestFields(request);
  options_.connection.protocol = Protocol::kHttp2;
  Aim({server.port()});
  SendOneByOne(1);
  ASSERT_THAT(kept(), SizeIs(1));
  const v1::ExchangeRecord& record = kept()[0].record;
  EXPECT_THAT(record.response_head(), HasSubstr(" 503"));
  EXPECT_THAT(record.response_head(), HasSubstr("server: scripted\r\n"));
  EXPECT_EQ(record.response_body(), kErrorBody);
}

TEST_F(Failures, NothingIsKeptOfASuccess) {
  ScriptedServer server([](Peer& peer) {
    while (peer.ReadRequest() && peer.Write(kOk)) {
    }
  });
  Aim({server.port()});
  SendOneByOne(10);
  EXPECT_EQ(may_fail_, 0) << "nor is anybody asked";
  EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(Failures, OneAmongSuccessesThatAreKnownByTheirHeadsIsKept) {
  ScriptedServer server([](Peer& peer) {
    for (int i = 0; i < 5 && peer.ReadRequest(); ++i) peer.Write(i == 4 ? kError : kOk);
    peer.WaitForEnd();
  });
  Aim({server.port()});
  SendOneByOne(5);
  ExpectTheErrorIsKept();
}

TEST_F(Failures, TheFirstFewOfEachKindAreKept) {
  ScriptedServer server([](Peer& peer) {
    for (int i = 0; peer.ReadRequest(); ++i) {
      peer.Write(absl::StrCat("HTTP/1.1 ", i % 2 == 0 ? 500 : 404,
                              " X\r\nContent-Length: ", i < 10 ? 1 : 2, "\r\n\r\n", i));
    }
  });
  Aim({server.port()});
  SendOneByOne(12);
  std::vector<std::string> bodies;
  for (const KeptFailure& failure : kept()) bodies.push_back(failure.record.response_body());
  EXPECT_EQ(bodies, (std::vector<std::string>{"0", "1", "2", "3", "4", "5"}));
}

TEST_F(Failures, ALongBodyIsCut) {
  const std::string body(limits::kFailureBodyBytes + 1, 'x');
  ScriptedServer server([&body](Peer& peer) {
    peer.ReadRequest();
    peer.Write(absl::StrCat("HTTP/1.1 500 X\r\nContent-Length: ", body.size(), "\r\n\r\n", body));
    peer.WaitForEnd();
  });
  Aim({server.port()});
  SendOneByOne(1);
  ASSERT_THAT(kept(), SizeIs(1));
  EXPECT_EQ(kept()[0].record.response_body().size(), limits::kFailureBodyBytes);
  EXPECT_TRUE(kept()[0].record.response_cut());
}

TEST_F(Failures, WhatIsNoHttpIsShownAsItCame) {
  ScriptedServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Write("SSH-2.0-OpenSSH_9.2\r\n");
    peer.WaitForEnd();
  });
  Aim({server.port()});
  SendOneByOne(1);
  ASSERT_THAT(kept(), SizeIs(1));
  EXPECT_EQ(kept()[0].record.outcome(), v1::OUTCOME_MALFORMED);
  EXPECT_EQ(kept()[0].record.response_head(), "");
  EXPECT_EQ(kept()[0].record.response_body(), "SSH-2.0-OpenSSH_9.2\r\n");
}

TEST_F(Failures, WithoutAResponseThereIsTheRequest) {
  ScriptedServer server([](Peer& peer) { peer.ReadRequest(); });
  Aim({server.port()});
  SendOneByOne(1);
  ASSERT_THAT(kept(), SizeIs(1));
  EXPECT_EQ(kept()[0].record.outcome(), v1::OUTCOME_CLOSED);
  EXPECT_EQ(kept()[0].record.request_body(), "hello");
  EXPECT_EQ(kept()[0].record.response_head(), "");
}

TEST_F(Failures, AResponseThatIsCutShortIsKeptAsFarAsItCame) {
  ScriptedServer server([](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\nhalf");
  });
  Aim({server.port()});
  SendOneByOne(1);
  ASSERT_THAT(kept(), SizeIs(1));
  EXPECT_EQ(kept()[0].record.outcome(), v1::OUTCOME_TRUNCATED);
  EXPECT_THAT(kept()[0].record.response_head(), StartsWith("HTTP/1.1 500"));
  EXPECT_EQ(kept()[0].record.response_body(), "half");
}

TEST(FailureQuota, HasRoomForAFewOfAKindAndSomeOfAll) {
  FailureQuota quota(2, 5);
  const FailureKind refused{0, Outcome::kRefused, 0};
  EXPECT_TRUE(quota.Take(refused));
  EXPECT_TRUE(quota.Take(refused));
  EXPECT_FALSE(quota.Has(refused));
  EXPECT_FALSE(quota.Take(refused));
  for (const uint32_t status : {500, 501, 502}) {
    EXPECT_TRUE(quota.Take({0, Outcome::kBadStatus, status})) << status;
  }
  EXPECT_FALSE(quota.open());
  EXPECT_FALSE(quota.Take({1, Outcome::kBadStatus, 500}));
}

}  // namespace
}  // namespace loadfleet
