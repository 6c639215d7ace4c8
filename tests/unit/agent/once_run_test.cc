// One iteration of one flow against a real socket: what it answers, and what it keeps.
#include "agent/engine/once_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/limits.h"
#include "tests/support/ports.h"
#include "tests/support/scripted_server.h"
#include "tests/unit/agent/flows.h"

namespace loadfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kLogin[] =
    "HTTP/1.1 200 OK\r\nSet-Cookie: sid=abc; Path=/\r\nContent-Length: 15\r\n\r\n"
    "{\"token\":\"t-1\"}";
constexpr char kUnavailable[] = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";

// Answers each request of a connection in turn.
void Answer(ScriptedServer::Peer& peer, const std::vector<std::string>& answers) {
  for (const std::string& answer : answers) {
    if (!peer.ReadRequest()) return;
    peer.Write(answer);
  }
  peer.WaitForEnd();
}

v1::RunOnce OrderOf(int port, const std::string& steps) {
  v1::RunOnce order;
  order.set_run_id("r-0001");
  *order.mutable_plan() = PlanOf(absl::StrCat(
      "target: http://127.0.0.1:", port,
      "\nscenarios: {main: {executor: constant-vus, flow: f, vus: 100, duration: 1h}}\n"
      "flows: {f: {steps: [",
      steps, "]}}\n"));
  order.set_timeout_ns(60 * kSecond);
  order.set_keep_exchanges(true);
  return order;
}

v1::OnceDone Do(const v1::RunOnce& order) {
  return OnceRun(order, NetworkPolicy(), "a1", nullptr, SystemClock()).Do();
}

TEST(OnceRun, DoesEachStepOnceAndKeepsItsExchanges) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { Answer(peer, {kLogin, kLogin}); });
  const v1::OnceDone done = Do(OrderOf(
      server.port(),
      "{request: login, post: /login, json: {vu: \"{{ vu }}\"}, capture: {token: {json: $.token}}},"
      "{request: use, get: \"/use?t={{ token }}\", expect: {status: 200}}"));
  EXPECT_TRUE(done.ok()) << done.reason();
  EXPECT_EQ(done.run_id(), "r-0001");
  EXPECT_EQ(done.captures().at("token"), "t-1");
  ASSERT_EQ(done.exchanges_size(), 2);
  const v1::ExchangeRecord& login = done.exchanges(0);
  EXPECT_EQ(login.url(), absl::StrCat("http://127.0.0.1:", server.port(), "/login"));
  EXPECT_THAT(login.request_head(), HasSubstr("POST /login HTTP/1.1\r\n"));
  EXPECT_EQ(login.request_body(), "{\"vu\":\"1\"}");
  EXPECT_EQ(login.response_head(),
            "HTTP/1.1 200\r\nSet-Cookie: sid=(hidden, 3 bytes); Path=/\r\n"
            "Content-Length: 15\r\n\r\n");
  EXPECT_EQ(login.response_body(), "{\"token\":\"t-1\"}");
  EXPECT_THAT(done.exchanges(1).url(), HasSubstr("/use?t=t-1"));
  EXPECT_EQ(server.accepted(), 1) << "one VU has one connection";
}

TEST(OnceRun, KeepsOnlyWhatHasFailedUnlessItIsAskedForMore) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { Answer(peer, {kLogin, kUnavailable}); });
  v1::RunOnce order =
      OrderOf(server.port(), "{request: a, get: /a}, {request: b, get: /b}, {request: c, get: /c}");
  order.set_keep_exchanges(false);
  const v1::OnceDone done = Do(order);
  EXPECT_FALSE(done.ok());
  EXPECT_EQ(done.reason(), "b: got status 503");
  ASSERT_EQ(done.exchanges_size(), 1);
  EXPECT_EQ(done.exchanges(0).request(), 1u);
  EXPECT_EQ(done.exchanges(0).response_body(), "busy");
}

TEST(OnceRun, SaysWhichCheckFailedAndWhatWasFound) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { Answer(peer, {kLogin}); });
  const v1::OnceDone done =
      Do(OrderOf(server.port(), "{request: login, get: /, expect: {status: 201}}"));
  EXPECT_FALSE(done.ok());
  EXPECT_EQ(done.reason(), "login: status: expected 201, got 200");
  ASSERT_EQ(done.exchanges_size(), 1);
  EXPECT_EQ(done.exchanges(0).outcome(), v1::OUTCOME_OK);
  EXPECT_THAT(done.exchanges(0).failed_checks(), ElementsAre("status: expected 201, got 200"));
}

TEST(OnceRun, SaysHowARequestWithoutAResponseEnded) {
  const v1::OnceDone done = Do(OrderOf(UnusedPort(), "{request: login, get: /}"));
  EXPECT_EQ(done.reason(), "login: ended as refused");
  ASSERT_EQ(done.exchanges_size(), 1);
  EXPECT_EQ(done.exchanges(0).response_head(), "");
}

TEST(OnceRun, FillsInWhatSetupHasCaptured) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { Answer(peer, {kLogin, kLogin}); });
  v1::RunOnce order = OrderOf(server.port(), "{request: a, get: /a}, {request: b, get: /b}");
  auto& steps = *order.mutable_plan()->mutable_flows(0)->mutable_steps();
  steps[0].mutable_request()->set_target("/a?t={{ setup.token }}");
  steps[1].mutable_request()->set_body("{\"t\": \"{{ setup.token }}\", \"n\": \"{{ vu }}\"}");
  steps[1].mutable_request()->set_body_form(v1::BODY_FORM_JSON);
  (*order.mutable_plan()->mutable_setup_values())["token"] = "a \"{{ b }}\"";
  const v1::OnceDone done = Do(order);
  ASSERT_EQ(done.exchanges_size(), 2) << done.reason();
  EXPECT_THAT(done.exchanges(0).url(), HasSubstr("/a?t=a%20\"{{%20b%20}}\""));
  EXPECT_EQ(done.exchanges(1).request_body(), "{\"t\": \"a \\\"{{ b }}\\\"\", \"n\": \"1\"}");
}

TEST(OnceRun, SaysWhatOfSetupMakesNoRequest) {
  v1::RunOnce order = OrderOf(UnusedPort(), "{request: a, get: /a}");
  v1::Header& header =
      *order.mutable_plan()->mutable_flows(0)->mutable_steps(0)->mutable_request()->add_headers();
  header.set_name("X-Token");
  header.set_value("{{ setup.token }}");
  (*order.mutable_plan()->mutable_setup_values())["token"] = "two\nlines";
  EXPECT_THAT(Do(order).reason(),
              HasSubstr("what setup has captured as 'token' cannot stand in a header"));
}

TEST(OnceRun, FailsWithACaptureThatIsNoText) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    Answer(peer, {"HTTP/1.1 200 OK\r\nX-Token: a\xff\r\nContent-Length: 0\r\n\r\n"});
  });
  const v1::OnceDone done =
      Do(OrderOf(server.port(), "{request: a, get: /, capture: {token: {header: x-token}}}"));
  EXPECT_FALSE(done.ok());
  EXPECT_EQ(done.reason(), "what was captured as token is not valid UTF-8");
  EXPECT_TRUE(done.captures().empty());
}

TEST(OnceRun, IsEndedByItsTimeout) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  v1::RunOnce order = OrderOf(server.port(), "{request: slow, get: /}, {request: b, get: /}");
  order.set_timeout_ns(50 * kMillisecond);
  const v1::OnceDone done = Do(order);
  EXPECT_FALSE(done.ok());
  EXPECT_EQ(done.reason(), "it was not done within 50ms");
}

TEST(OnceRun, IsEndedByWhoeverCancelsIt) {
  absl::Notification asked;
  ScriptedServer server([&asked](ScriptedServer::Peer& peer) {
    peer.ReadRequest();
    asked.Notify();
    peer.WaitForEnd();
  });
  OnceRun once(OrderOf(server.port(), "{request: slow, get: /}"), NetworkPolicy(), "a1", nullptr,
               SystemClock());
  std::thread canceller([&] {
    asked.WaitForNotification();
    once.Cancel();
  });
  EXPECT_EQ(once.Do().reason(), "it was stopped");
  canceller.join();
}

TEST(OnceRun, IsNotBegunWhereItsTargetIsOutOfBounds) {
  v1::RunOnce order = OrderOf(80, "{request: a, get: \"http://8.8.8.8/\"}");
  const v1::OnceDone done = Do(order);
  EXPECT_FALSE(done.ok());
  EXPECT_THAT(done.reason(), HasSubstr("8.8.8.8"));
  EXPECT_EQ(done.exchanges_size(), 0);
}

}  // namespace
}  // namespace loadfleet
