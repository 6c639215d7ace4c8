// A plan that traces, and a target that reads what it is sent.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"
#include "tests/support/scripted_server.h"

namespace loadfleet {
namespace {

using nlohmann::json;

// The trace ids of the requests that carried one.
class Seen {
 public:
  void Add(const std::string& head) {
    absl::MutexLock lock(&mutex_);
    ++requests_;
    const size_t at = head.find("traceparent: 00-");
    if (at != std::string::npos) ids_.insert(head.substr(at + 16, 32));
  }
  std::set<std::string> ids() const {
    absl::MutexLock lock(&mutex_);
    return ids_;
  }
  int requests() const {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::set<std::string> ids_ ABSL_GUARDED_BY(mutex_);
  int requests_ ABSL_GUARDED_BY(mutex_) = 0;
};

void Serve(ScriptedServer::Peer& peer, Seen* seen) {
  std::string head;
  while (peer.ReadRequest(&head)) {
    seen->Add(head);
    if (!peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) return;
  }
}

json RunSampled(const std::string& sample, int agents, Seen* seen) {
  ScriptedServer server([seen](ScriptedServer::Peer& peer) { Serve(peer, seen); });
  Cluster cluster(agents);
  const std::string plan = cluster.Write(
      "plan.yaml", absl::StrCat("target: http://127.0.0.1:", server.port(),
                                "\nseed: 7\nget: /ping\nrate: 200/s\nduration: 1s\n",
                                "validity: {max_lateness_p99: 1m, max_worker_cpu: 100%}\n",
                                "defaults: {trace: {propagate: w3c, sample: ", sample, "}}\n"));
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_EQ(seen->requests(), 200);
  return summary;
}

TEST(Traces, AsManyRequestsCarryAnIdWhateverTheNumberOfAgents) {
  Seen one;
  RunSampled("20%", 1, &one);
  Seen three;
  RunSampled("20%", 3, &three);
  EXPECT_EQ(one.ids().size(), three.ids().size());
  EXPECT_GT(one.ids().size(), 10u);
  EXPECT_LT(one.ids().size(), 100u);
}

TEST(Traces, TheReportNamesTheSlowestOfThoseThatTheTargetHasSeen) {
  Seen seen;
  const json summary = RunSampled("1", 2, &seen);
  EXPECT_EQ(seen.ids().size(), 200u);
  ASSERT_EQ(summary.at("slowest_traces").size(), 5u);
  double last = summary.at("response_time").at("max_ms");
  for (const json& trace : summary.at("slowest_traces")) {
    EXPECT_EQ(seen.ids().count(trace.at("trace_id")), 1u) << trace;
    EXPECT_EQ(trace.at("request"), "ping");
    EXPECT_EQ(trace.at("outcome"), "ok");
    EXPECT_LE(trace.at("response_time_ms"), last * 1.001 + 0.001);
    last = trace.at("response_time_ms");
  }
}

}  // namespace
}  // namespace loadfleet
