#include "target/target.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/limits.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/target/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadfleet {
namespace {

using testing::HasSubstr;

std::unique_ptr<Target> StartTarget(TargetOptions options = {}) {
  if (options.listen == TargetOptions().listen) options.listen = "127.0.0.1:0";
  absl::StatusOr<std::unique_ptr<Target>> target = Target::Start(options, SystemClock());
  EXPECT_TRUE(target.ok()) << target.status();
  return target.ok() ? *std::move(target) : nullptr;
}

std::string Request(const std::string& line, const std::string& fields = "",
                    const std::string& body = "") {
  return line + " HTTP/1.1\r\nHost: t\r\n" + fields + "\r\n" + body;
}

// --- Routes over the wire ---

TEST(Target, SetsCookiesAndTellsWhichItIsSent) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  ASSERT_TRUE(client.Send(Request("GET /cookie?sid=1;Path=/", "Cookie: a=1; b=2\r\n")));
  const Response response = client.Read();
  EXPECT_THAT(response.head, HasSubstr("\r\nSet-Cookie: sid=1;Path=/\r\n"));
  EXPECT_EQ(response.body, "a=1; b=2");
  EXPECT_EQ(client.Get("/cookie").body, "") << "of its own request alone";
}

TEST(Target, RedirectsAndCompresses) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  const std::string head = client.Get("/redirect?to=/ping").head;
  EXPECT_THAT(head, HasSubstr("HTTP/1.1 302 "));
  EXPECT_THAT(head, HasSubstr("\r\nLocation: /ping\r\n"));
  const Response gzipped = client.Get("/gzip");
  EXPECT_THAT(gzipped.head, HasSubstr("\r\nContent-Encoding: gzip\r\n"));
  EXPECT_THAT(gzipped.body, testing::StartsWith("\x1f\x8b"));
}

TEST(Target, AnswersPingWithPong) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  for (int i = 0; i < 3; ++i) {
    const Response response = client.Get("/ping");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "PONG");
    EXPECT_THAT(response.head, HasSubstr("\r\nDate: "));
  }
}

TEST(Target, GivesTheStatusThatIsAskedFor) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  for (int status : {200, 201, 204, 302, 304, 404, 418, 429, 500, 503, 599}) {
    EXPECT_EQ(client.Get("/status/" + std::to_string(status)).status, status);
  }
  EXPECT_EQ(client.Get("/nowhere").status, 404);
}

TEST(Target, GivesExactlyTheBytesThatAreAskedFor) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  for (size_t bytes : {0, 1, 16'384, 16'385, 262'144, 5'000'001}) {
    const Response response = client.Get("/bytes/" + std::to_string(bytes));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, std::string(bytes, 'x'));
  }
}

TEST(Target, EchoesMethodAndBody) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  client.Send(Request("PUT /echo", "Content-Length: 5\r\n", "hello"));
  Response response = client.Read();
  EXPECT_EQ(response.body, "hello");
  EXPECT_THAT(response.head, HasSubstr("\r\nX-Method: PUT\r\n"));

  client.Send(Request("POST /echo", "Transfer-Encoding: chunked\r\n",
                      "4\r\nwiki\r\n5;ext\r\npedia\r\n0\r\nTrailer: t\r\n\r\n"));
  EXPECT_EQ(client.Read().body, "wikipedia");

  const std::string large(3 << 20, 'l');
  std::thread sender([&] {
    client.Send(
        Request("POST /echo", "Content-Length: " + std::to_string(large.size()) + "\r\n", large));
  });
  response = client.Read();
  sender.join();
  EXPECT_EQ(response.body, large);
}

TEST(Target, WaitsBeforeItAnswersADelay) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  const Nanos before = SystemClock().Now();
  EXPECT_EQ(client.Get("/delay/60").status, 200);
  EXPECT_GE(SystemClock().Now() - before, 60 * kMillisecond);
  EXPECT_EQ(client.Get("/delay/0").status, 200);
}

TEST(Target, DelaysOfManyConnectionsRunSideBySide) {
  const auto target = StartTarget();
  std::vector<std::unique_ptr<HttpClient>> clients;
  const Nanos before = SystemClock().Now();
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<HttpClient>(target->port()));
    clients.back()->Send(Request("GET /delay/" + std::to_string(300 - 10 * i)));
  }
  for (const auto& client : clients) EXPECT_EQ(client->Read().status, 200);
  EXPECT_LT(SystemClock().Now() - before, 3 * kSecond);  // one after the other: 4.1 s
}

TEST(Target, DripsABodyOverTime) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  const Nanos before = SystemClock().Now();
  const Response response = client.Get("/drip?bytes=1000&ms=80");
  EXPECT_GE(SystemClock().Now() - before, 80 * kMillisecond);
  EXPECT_EQ(response.body, std::string(1'000, 'x'));
  EXPECT_THAT(response.head, HasSubstr("chunked"));
  EXPECT_EQ(client.Get("/drip?bytes=3&ms=0").body, "xxx");

  HttpClient old(target->port());
  old.Send("GET /drip?bytes=50&ms=20 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.Read().body, std::string(50, 'x'));
}

// --- Connections ---

TEST(Target, AnswersPipelinedRequestsInOrder) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests += Request("GET /status/" + std::to_string(200 + i));
    requests += Request("GET /bytes/" + std::to_string(i * 1'000));
    requests += Request("POST /echo", "Content-Length: 2\r\n", "ab");
    if (i % 20 == 0) requests += Request("GET /delay/1") + Request("GET /drip?bytes=5&ms=2");
  }
  std::thread sender([&] { client.Send(requests); });
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(client.Read().status, 200 + i);
    ASSERT_EQ(client.Read().body.size(), i * 1'000);
    ASSERT_EQ(client.Read().body, "ab");
    if (i % 20 == 0) {
      ASSERT_EQ(client.Read().status, 200);
      ASSERT_EQ(client.Read().body, "xxxxx");
    }
  }
  sender.join();
}

TEST(Target, UnderstandsARequestThatComesByteByByte) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  for (const char byte : Request("POST /echo", "Content-Length: 3\r\n", "abc")) {
    client.Send({&byte, 1});
  }
  EXPECT_EQ(client.Read().body, "abc");
}

TEST(Target, AHeadRequestGetsTheHeadAlone) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  for (const char* path : {"/ping", "/bytes/100000", "/drip?bytes=5&ms=5", "/stats"}) {
    client.Send(Request("HEAD " + std::string(path)) + Request("GET /bytes/3"));
    EXPECT_EQ(client.Read(/*head_only=*/true).status, 200) << path;
    EXPECT_EQ(client.Read().body, "xxx") << path;
  }
  client.Send(Request("HEAD /bytes/100000"));
  EXPECT_THAT(client.Read(/*head_only=*/true).head, HasSubstr("Content-Length: 100000\r\n"));
}

TEST(Target, ClosesWhenTheClientSaysSo) {
  const auto target = StartTarget();
  for (const char* path : {"/ping", "/status/204", "/bytes/1000000", "/delay/1"}) {
    HttpClient client(target->port());
    client.Send(Request("GET " + std::string(path), "Connection: close\r\n"));
    const Response response = client.Read();
    EXPECT_NE(response.status, 0) << path;
    EXPECT_THAT(response.head, HasSubstr("\r\nConnection: close\r\n")) << path;
    EXPECT_TRUE(client.AtEnd()) << path;
  }
}

TEST(Target, KeepsAnOldConnectionOnlyWhenAsked) {
  const auto target = StartTarget();
  HttpClient keeps(target->port());
  for (int i = 0; i < 2; ++i) {
    keeps.Send("GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(keeps.Read().head, HasSubstr("\r\nConnection: keep-alive\r\n"));
  }
  HttpClient closes(target->port());
  closes.Send("GET /ping HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closes.Read().body, "PONG");
  EXPECT_TRUE(closes.AtEnd());
}

TEST(Target, AnswersWhatCameBeforeTheClientsEnd) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  client.Send(Request("GET /delay/5") + Request("GET /bytes/300000"));
  client.EndInput();
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(client.Read().body.size(), 300'000);
  EXPECT_TRUE(client.AtEnd());
}

TEST(Target, InvitesABodyThatWaits) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  client.Send(Request("POST /echo", "Expect: 100-continue\r\nContent-Length: 2\r\n"));
  EXPECT_EQ(client.Read().status, 100);
  client.Send("hi");
  EXPECT_EQ(client.Read().body, "hi");
}

// --- Hostile clients ---

TEST(Target, RefusesWhatIsTooLargeOrNoRequestAndCloses) {
  const auto target = StartTarget();
  const std::string too_long = std::to_string(limits::kTargetEchoBytes + 1);
  const std::vector<std::pair<std::string, int>> cases = {
      {"nonsense\r\n\r\n", 400},
      {Request("GET /ping", "A: " + std::string(limits::kTargetHeadBytes, 'a') + "\r\n"), 431},
      {Request("POST /echo", "Content-Length: " + too_long + "\r\n", std::string(300'000, 'b')),
       413},
  };
  for (const auto& [bytes, status] : cases) {
    HttpClient client(target->port());
    client.Send(bytes);
    const Response response = client.Read();
    EXPECT_EQ(response.status, status);
    EXPECT_THAT(response.head, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_TRUE(client.AtEnd());
  }
  const TargetCounters counters = target->Counters();
  EXPECT_EQ(counters.malformed, 2);
  EXPECT_EQ(counters.requests, 1);
}

TEST(Target, AClientThatNeverReadsStopsOnlyItself) {
  const auto target = StartTarget();
  HttpClient deaf(target->port());
  for (int i = 0; i < 20; ++i) deaf.Send(Request("GET /bytes/100000000"));
  HttpClient client(target->port());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.Get("/ping").status, 200);
  EXPECT_EQ(target->Counters().by_route.at("bytes"), 1);  // the others wait in the socket
}

// --- Counters ---

TEST(Target, CountsEveryRequestBeforeItsAnswer) {
  const auto target = StartTarget({.threads = 2});
  constexpr int kClients = 4;
  constexpr int kRequests = 500;
  std::vector<std::thread> threads;
  threads.reserve(kClients);
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&] {
      HttpClient client(target->port());
      for (int n = 0; n < kRequests; ++n) EXPECT_EQ(client.Get("/ping").status, 200);
      EXPECT_EQ(client.Get("/status/503").status, 503);
      EXPECT_EQ(client.Get("/stats").status, 200);
    });
  }
  for (std::thread& thread : threads) thread.join();

  const TargetCounters counters = target->Counters();
  EXPECT_EQ(counters.requests, kClients * (kRequests + 1));
  EXPECT_EQ(counters.by_route.at("ping"), kClients * kRequests);
  EXPECT_EQ(counters.by_route.at("status"), kClients);
  EXPECT_EQ(counters.by_route.count("stats"), 0);
  EXPECT_EQ(counters.by_status.at(200), kClients * kRequests);
  EXPECT_EQ(counters.by_status.at(503), kClients);
  EXPECT_EQ(counters.connections_accepted, kClients);
  uint64_t over_seconds = 0;
  for (uint64_t count : counters.per_second) over_seconds += count;
  EXPECT_EQ(over_seconds, counters.requests);
}

TEST(Target, CountsTheBytesOfBothDirections) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  const std::string request = Request("GET /bytes/40000");
  client.Send(request);
  const Response response = client.Read();
  const TargetCounters counters = target->Counters();
  EXPECT_EQ(counters.bytes_in, request.size());
  EXPECT_EQ(counters.bytes_out, response.head.size() + response.body.size());
}

TEST(Target, ShowsItsCountersAtStats) {
  const auto target = StartTarget();
  HttpClient client(target->port());
  client.Get("/ping");
  client.Get("/status/404");
  const Response response = client.Get("/stats");
  EXPECT_THAT(response.head, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(response.body, HasSubstr(R"("requests":2,)"));
  EXPECT_THAT(response.body, HasSubstr(R"("by_route":{"ping":1,"status":1})"));
  EXPECT_THAT(response.body, HasSubstr(R"("by_status":{"200":1,"404":1})"));
  EXPECT_THAT(response.body, HasSubstr(R"("connections_open":1)"));
}

// --- Freezes ---

TEST(Target, ServesNothingWhileItIsFrozen) {
  constexpr Nanos kFreeze = 100 * kMillisecond;
  constexpr Nanos kPeriod = 250 * kMillisecond;
  const Nanos before = SystemClock().Now();
  const auto target = StartTarget({.threads = 2, .freeze_for = kFreeze, .freeze_every = kPeriod});
  const Nanos after = SystemClock().Now();
  // The target's start lies between the two: surely frozen is only what is so for both.
  const auto frozen = [&](Nanos at) {
    return (at - after) % kPeriod > kPeriod - kFreeze &&
           (at - before) % kPeriod > kPeriod - kFreeze;
  };
  HttpClient client(target->port());
  Nanos longest = 0;
  for (Nanos sent = after; sent - after < 3 * kPeriod;) {
    sent = SystemClock().Now();
    ASSERT_EQ(client.Get("/ping").status, 200);
    const Nanos done = SystemClock().Now();
    longest = std::max(longest, done - sent);
    const bool one_freeze = (sent - before) / kPeriod == (done - before) / kPeriod;
    EXPECT_FALSE(one_freeze && frozen(sent) && frozen(done));
  }
  EXPECT_GE(longest, kFreeze * 8 / 10);
}

TEST(Target, AFrozenTargetCanBeShutDown) {
  ManualClock clock;
  auto target = Target::Start(
      {.listen = "127.0.0.1:0", .freeze_for = 3'000 * kSecond, .freeze_every = 3'001 * kSecond},
      clock);
  ASSERT_TRUE(target.ok());
  clock.Advance(2 * kSecond);
  HttpClient client((*target)->port());
  EXPECT_TRUE(client.connected());
  client.Send(Request("GET /ping"));
  (*target)->Shutdown();
  EXPECT_EQ((*target)->Counters().requests, 0);
}

// --- Start and end ---

TEST(Target, SaysThatThePortIsInUse) {
  for (uint32_t threads : {1, 2}) {
    const auto first = StartTarget({.threads = threads});
    const std::string place = "127.0.0.1:" + std::to_string(first->port());
    for (uint32_t second_threads : {1, 2}) {
      const absl::Status status =
          Target::Start({.listen = place, .threads = second_threads}, SystemClock()).status();
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
      EXPECT_EQ(status.message(), "cannot listen on " + place + ": the port is in use");
    }
  }
}

TEST(Target, RefusesOptionsThatMakeNoSense) {
  const std::vector<TargetOptions> nonsense = {
      {.listen = "8080"},
      {.listen = "127.0.0.1"},
      {.listen = "127.0.0.1:http"},
      {.listen = "127.0.0.1:65536"},
      {.listen = "::1:80"},
      {.listen = "127.0.0.1:0", .threads = 0},
      {.listen = "127.0.0.1:0", .freeze_for = kSecond},
      {.listen = "127.0.0.1:0", .freeze_for = kSecond, .freeze_every = kSecond},
      {.listen = "127.0.0.1:0", .freeze_for = -1, .freeze_every = kSecond},
  };
  for (const TargetOptions& options : nonsense) {
    const absl::Status status = Target::Start(options, SystemClock()).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << options.listen << " " << status;
  }
}

TEST(Target, ShutdownClosesEveryConnectionAndFreesThePort) {
  auto target = StartTarget({.threads = 2});
  const int port = target->port();
  HttpClient idle(port);
  EXPECT_EQ(idle.Get("/ping").status, 200);
  HttpClient waiting(port);
  waiting.Send(Request("GET /delay/3600000"));
  target->Shutdown();
  target->Shutdown();
  EXPECT_TRUE(idle.AtEnd());
  EXPECT_EQ(waiting.Read().status, 0);
  EXPECT_EQ(target->Counters().connections_open, 0);
  EXPECT_FALSE(HttpClient(port).connected());
  EXPECT_NE(StartTarget({.listen = "127.0.0.1:" + std::to_string(port)}), nullptr);
}

}  // namespace
}  // namespace loadfleet
