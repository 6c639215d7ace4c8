// What a report shows of exchanges that failed, against targets that fail.
#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"
#include "tests/support/scripted_server.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kValidity[] = "validity: {max_lateness_p99: 1m, max_worker_cpu: 100%}\n";

TEST(Failures, TheReportShowsTheFirstFewOfEachKind) {
  std::atomic<int> requests{0};
  ScriptedServer server([&requests](ScriptedServer::Peer& peer) {
    while (peer.ReadRequest()) {
      const bool fails = ++requests % 3 == 0;
      if (!peer.Write(fails ? "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 16\r\n"
                              "Set-Cookie: sid=s3cr3t\r\n\r\n{\"error\":\"full\"}"
                            : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
        return;
      }
    }
  });
  Cluster cluster(2);
  const std::string plan = cluster.Write(
      "plan.yaml",
      absl::StrCat("target: http://127.0.0.1:", server.port(), "\n", kValidity,
                   "scenarios: {main: {executor: constant-arrival-rate, flow: main, rate: 100/s, "
                   "duration: 1s}}\n",
                   "flows: {main: {on_error: continue, steps: [{request: order, get: /order, "
                   "auth: {bearer: t0k3n}}, {request: look, get: /look, expect: "
                   "{body_contains: needle}}]}}\n"));
  const Completed done = cluster.Loadctl({"submit", plan, "--out", cluster.Path("report.json")});
  const std::string all = done.out + done.err;
  EXPECT_THAT(all, HasSubstr("bad_status 503 on order: HTTP/1.1 503"));
  EXPECT_THAT(all, HasSubstr("{\"error\":\"full\"}"));
  EXPECT_THAT(all, HasSubstr("check body_contains on look: "));

  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  std::map<std::string, int> kinds;
  for (const json& failure : summary.at("failures")) {
    const std::string kind = failure.at("kind");
    ++kinds[absl::StrCat(kind, " on ", failure.at("request").get<std::string>())];
    EXPECT_THAT(failure.at("sent").at("head").get<std::string>(), StartsWith("GET /"));
    EXPECT_THAT(failure.at("agent").get<std::string>(), StartsWith("a"));
    EXPECT_THAT(failure.dump(), Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(failure.dump(), Not(HasSubstr("t0k3n")));
    if (kind != "bad_status 503") continue;
    EXPECT_EQ(failure.at("received").at("body"), "{\"error\":\"full\"}");
    EXPECT_THAT(failure.at("received").at("head").get<std::string>(), StartsWith("HTTP/1.1 503"));
  }
  EXPECT_EQ(kinds["bad_status 503 on order"], 3);
  EXPECT_EQ(kinds["bad_status 503 on look"], 3);
  EXPECT_EQ(kinds["check body_contains on look"], 3);
}

TEST(Failures, WhatIsDroppedOrInterruptedIsNone) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.WaitForEnd(); });
  TemporaryDirectory directory;
  const std::string report = directory.path() / "report.json";
  const std::string plan = directory.Write(
      "plan.yaml", absl::StrCat("target: http://127.0.0.1:", server.port(), "\n", kValidity,
                                "get: /\nrate: 20/s\nduration: 1s\nmax_in_flight: 1\n",
                                "on_overflow: drop\ngraceful_stop: 0s\n"));
  const Completed done = Loadctl({"run", plan, "--quiet", "--out", report});
  const json summary = ReadSummary(report);
  EXPECT_GT(summary.at("requests").at("dropped"), 0) << done.out << done.err;
  EXPECT_GT(summary.at("outcomes").at("interrupted"), 0);
  EXPECT_EQ(summary.at("failures"), json::array());
}

}  // namespace
}  // namespace loadfleet
