// Users' sessions over real sockets: what the pools, both versions of HTTP and a worker make of
// cookies, redirects and compressed bodies.
#include <map>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "agent/engine/engine.h"
#include "tests/support/http2_peer.h"
#include "tests/support/scripted_server.h"
#include "tests/unit/agent/delivered.h"
#include "tests/unit/agent/flows.h"

namespace loadfleet {
namespace {

// One user's one pass through `steps`, as an agent's engine does it. What failed of it goes into
// `failures`.
RequestStats Visit(const std::string& target, const std::string& steps, const std::string& more,
                   std::vector<v1::ExchangeRecord>* failures = nullptr) {
  auto plan = PreparedPlan(
      absl::StrCat("target: ", target, "\n", more,
                   "\nscenarios: {main: {executor: per-vu-iterations, flow: f, vus: 1, "
                   "iterations: 1}}\nflows: {f: {steps: [",
                   steps, "]}}\n"));
  if (plan == nullptr) return {};
  Delivered delivered;
  auto engine = *Engine::Create(SystemClock(), 1);
  engine->RenewLease(SystemClock().NowWithSuspend() + 3'600 * kSecond);
  engine->Install(std::move(plan), WindowSource{"r-0001", 1, "a1", 1}, delivered.Sink(), [] {});
  engine->Start(SystemClock().Now());
  const v1::FinalSummary summary = delivered.AwaitSummary();
  for (const v1::Window& window : delivered.windows()) {
    if (failures == nullptr) break;
    failures->insert(failures->end(), window.failures().begin(), window.failures().end());
  }
  return RequestsOf(summary);
}

// What an HTTP/1.1 server has been asked, and a script that answers by the path.
class Site {
 public:
  using Answers = std::map<std::string, std::string>;  // what follows the status line, by path

  explicit Site(Answers answers = {})
      : answers_(std::move(answers)),
        server_([this](ScriptedServer::Peer& peer) { Serve(peer); }) {}

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_.port()); }
  int port() const { return server_.port(); }
  void Add(const std::string& path, const std::string& answer) {
    absl::MutexLock lock(&mutex_);
    answers_[path] = answer;
  }
  std::string requests() const {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }

 private:
  void Serve(ScriptedServer::Peer& peer) {
    std::string head;
    while (peer.ReadRequest(&head)) {
      const size_t begin = head.find(' ') + 1;
      const std::string path = head.substr(begin, head.find(' ', begin) - begin);
      std::string answer;
      {
        absl::MutexLock lock(&mutex_);
        requests_.append(head);
        answer =
            answers_.contains(path) ? answers_[path] : "404 Not Found\r\nContent-Length: 0\r\n\r\n";
      }
      if (!peer.Write(absl::StrCat("HTTP/1.1 ", answer))) return;
    }
  }

  mutable absl::Mutex mutex_;
  Answers answers_ ABSL_GUARDED_BY(mutex_);
  std::string requests_ ABSL_GUARDED_BY(mutex_);
  ScriptedServer server_;
};

std::string RedirectTo(const std::string& location, const std::string& more = "") {
  return absl::StrCat("302 Found\r\nLocation: ", location, "\r\n", more,
                      "Content-Length: 0\r\n\r\n");
}

TEST(Sessions, ALoginItsRedirectAndItsCookieOverHttp1) {
  Site site({{"/login", RedirectTo("/home", "Set-Cookie: sid=1; Path=/\r\n")},
             {"/home", "200 OK\r\nContent-Length: 5\r\n\r\nhello"}});
  const RequestStats stats = Visit(
      site.url(), "{request: login, get: /login, expect: {status: 200, body_contains: hello}}",
      "defaults: {http: {redirects: 3}}");
  EXPECT_EQ(stats.CountOf(Outcome::kOk), 1u);
  EXPECT_EQ(stats.redirects, 1u);
  EXPECT_EQ(stats.checks_passed, 2u);
  EXPECT_TRUE(absl::StrContains(site.requests(), "GET /home HTTP/1.1\r\n")) << site.requests();
  EXPECT_TRUE(absl::StrContains(site.requests(), "Cookie: sid=1\r\n")) << site.requests();
}

TEST(Sessions, TheSameOverHttp2) {
  absl::Mutex mutex;
  std::string cookie;
  ScriptedServer server([&](ScriptedServer::Peer& connection) {
    Http2Peer peer(connection, [&](Http2Peer& http2, int32_t stream) {
      const std::string path = http2.field(stream, ":path");
      absl::MutexLock lock(&mutex);
      cookie += http2.field(stream, "cookie");
      if (path == "/login") return http2.Answer(stream, 200, "", {"set-cookie", "sid=1"});
      if (path == "/old") return http2.Answer(stream, 302, "", {"location", "/home"});
      http2.Answer(stream, 200, http2.field(stream, ":method"));
    });
    peer.Run();
  });
  const RequestStats stats =
      Visit(absl::StrCat("http://127.0.0.1:", server.port()),
            "{request: login, get: /login}, {request: home, post: /old, body: x, redirects: 1, "
            "expect: {body_contains: GET}}",
            "defaults: {http: {version: h2c}}");
  EXPECT_EQ(stats.CountOf(Outcome::kOk), 2u);
  EXPECT_EQ(stats.redirects, 1u);
  EXPECT_EQ(stats.checks_failed, 0u);
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(cookie, "sid=1sid=1") << "to /old and to /home";
}

TEST(Sessions, AFailureBehindARedirectIsShownByItself) {
  ScriptedServer server([&](ScriptedServer::Peer& connection) {
    Http2Peer peer(connection, [&](Http2Peer& http2, int32_t stream) {
      if (http2.field(stream, ":path") == "/old") {
        return http2.Answer(stream, 302, "moved", {"location", "/home"});
      }
      http2.Answer(stream, 503, "full");
    });
    peer.Run();
  });
  std::vector<v1::ExchangeRecord> failures;
  Visit(absl::StrCat("http://127.0.0.1:", server.port()),
        "{request: home, get: /old, redirects: 1, expect: {body_contains: hello}}",
        "defaults: {http: {version: h2c}}", &failures);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].url(), absl::StrCat("http://127.0.0.1:", server.port(), "/home"));
  EXPECT_TRUE(absl::StrContains(failures[0].response_head(), "503"));
  EXPECT_EQ(failures[0].response_body(), "full");
  EXPECT_EQ(failures[0].failed_checks_size(), 1);
}

TEST(Sessions, ACompressedBodyThatIsBrokenIsShownAsItCame) {
  Site site;
  site.Add("/", "200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone");
  std::vector<v1::ExchangeRecord> failures;
  Visit(site.url(), "{request: home, get: /, decompress: true, expect: {body_contains: hello}}", "",
        &failures);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_NE(failures[0].outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(failures[0].response_body(), "none");
}

TEST(Sessions, ARedirectMayLeadToAHostThatOnlyTheTargetNames) {
  Site other;
  other.Add("/there", "200 OK\r\nContent-Length: 0\r\n\r\n");
  Site site;
  site.Add("/here", RedirectTo(absl::StrCat("http://other.test:", other.port(), "/there")));
  const RequestStats stats =
      Visit(site.url(), "{request: a, get: /here, expect: {status: 200}}",
            "resolve: {other.test: 127.0.0.1}\ndefaults: {http: {redirects: 1}}");
  EXPECT_EQ(stats.CountOf(Outcome::kOk), 1u);
  EXPECT_EQ(stats.checks_failed, 0u);
  EXPECT_TRUE(absl::StrContains(other.requests(), absl::StrCat("Host: other.test:", other.port())));
}

TEST(Sessions, ANameThatAResponseBringsIsAskedForOnceItIsNeeded) {
  Site site;
  site.Add("/there", "200 OK\r\nContent-Length: 0\r\n\r\n");
  site.Add("/here", RedirectTo(absl::StrCat("http://localhost:", site.port(), "/there")));
  const RequestStats stats = Visit(site.url(), "{request: a, get: /here, expect: {status: 200}}",
                                   "defaults: {http: {redirects: 1}}");
  EXPECT_EQ(stats.CountOf(Outcome::kOk), 1u);
  EXPECT_TRUE(absl::StrContains(site.requests(), absl::StrCat("Host: localhost:", site.port())));
}

TEST(Sessions, NoRedirectLeadsToAMetadataService) {
  Site site({{"/here", RedirectTo("http://169.254.169.254/latest/meta-data/")},
             {"/name", RedirectTo("http://metadata.test/")}});
  const RequestStats stats = Visit(site.url(), "{request: a, get: /here}, {request: b, get: /name}",
                                   "resolve: {metadata.test: 169.254.169.254}\n"
                                   "defaults: {http: {redirects: 1, cookies: off}}");
  EXPECT_EQ(stats.CountOf(Outcome::kBlockedTarget), 1u) << "and the iteration ends with it";
  EXPECT_EQ(stats.redirects, 0u);
}

TEST(Sessions, ACompressedBodyIsReadAndCountedAsItCame) {
  // gzip -9n of "hello".
  const std::string gzip(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x07\x00"
      "\x86\xa6\x10\x36\x05\x00\x00\x00",
      25);
  const std::string answer =
      absl::StrCat("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 25\r\n\r\n", gzip);
  Site site;
  site.Add("/", answer);
  const RequestStats stats = Visit(
      site.url(), "{request: a, get: /, decompress: true, expect: {body_matches: '^hello$'}}", "");
  EXPECT_EQ(stats.checks_passed, 1u);
  EXPECT_EQ(stats.bytes_received, answer.size() + sizeof("HTTP/1.1 ") - 1);
  EXPECT_TRUE(absl::StrContains(site.requests(), "Accept-Encoding: gzip, deflate, br\r\n"));
  EXPECT_EQ(
      Visit(site.url(), "{request: a, get: /, expect: {body_matches: hello}}", "").checks_failed,
      1u);
}

}  // namespace
}  // namespace loadfleet
