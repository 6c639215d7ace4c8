#include "tests/fault/invariants.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/summary.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using Truth = std::vector<TruthServer::Request>;

// A killed agent may have sent so long since its last window that the master has: one that was not
// whole, one that waited for its commit, and one more on a busy machine.
constexpr int64_t kUnheardSeconds = 3;

int64_t Planned(const PlannedLoad& load) {
  return static_cast<int64_t>(static_cast<double>(load.rate) *
                              absl::ToDoubleSeconds(load.duration));
}

// I1: every planned arrival is in the report, or it is one of an agent that was lost.
void ExpectArrivals(const json& summary, const PlannedLoad& load, const Damage& damage) {
  const int64_t intended = summary.at("iterations").at("intended");
  EXPECT_LE(intended, Planned(load));
  if (damage.ended_early) return;
  const int64_t unknown = summary.at("requests").at("unknown");
  EXPECT_EQ(intended + unknown, Planned(load));
  if (damage.killed.empty()) {
    EXPECT_EQ(unknown, 0);
  }
}

// I2: the windows add up to what every agent says it did, or the report names who is missing.
void ExpectReconciled(const json& summary, const Damage& damage) {
  bool all = true;
  for (const json& agent : summary.at("agents")) {
    const bool reconciled = agent.at("reconciled");
    all = all && reconciled;
    const bool named = !agent.at("note").get<std::string>().empty();
    EXPECT_TRUE(reconciled || (named && damage.killed.contains(agent.at("agent")))) << agent.dump();
  }
  EXPECT_EQ(summary.at("reconciled"), all);
}

// I3: what reached the target is what the agents say they have sent.
void ExpectTruth(const json& summary, const Truth& truth, const PlannedLoad& load,
                 const Damage& damage) {
  std::map<std::string, int64_t> reached;
  std::set<int64_t> arrivals;
  for (const TruthServer::Request& request : truth) {
    ++reached[request.agent];
    EXPECT_TRUE(arrivals.insert(request.arrival).second)
        << "arrival " << request.arrival << " was sent twice";
    EXPECT_LT(request.arrival, Planned(load));
  }
  for (const json& agent : summary.at("agents")) {
    const std::string name = agent.at("agent");
    const json& requests = agent.at("requests");
    const int64_t count = reached[name];
    EXPECT_GE(count, requests.at("completed").get<int64_t>()) << name;
    const int64_t unheard = damage.killed.contains(name) ? kUnheardSeconds * load.rate : 0;
    EXPECT_LE(count, requests.at("started").get<int64_t>() + unheard) << name;
    reached.erase(name);
  }
  EXPECT_TRUE(reached.empty()) << "requests of " << reached.begin()->first
                               << ", which takes no part in the run";
}

// I4, as far as a busy machine lets it be seen: a request may be late, never early.
void ExpectNothingEarly(const json& summary, const Truth& truth, const PlannedLoad& load) {
  if (!summary.at("started_at").is_string()) return;
  absl::Time second_of_start;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, summary.at("started_at").get<std::string>(),
                              &second_of_start, nullptr));
  for (const TruthServer::Request& request : truth) {
    const absl::Time due = second_of_start + absl::Seconds(static_cast<double>(request.arrival) /
                                                           static_cast<double>(load.rate));
    EXPECT_GE(request.at, due - absl::Milliseconds(50))
        << "arrival " << request.arrival << " of " << request.agent;
  }
}

// I6: nobody calls a run good that is not all there.
void ExpectNoFalsePass(const json& summary, const Truth& truth, const PlannedLoad& load) {
  if (summary.at("verdict") != "passed") return;
  EXPECT_GE(summary.at("coverage").get<double>(), 0.99);
  EXPECT_GE(static_cast<double>(truth.size()), 0.98 * static_cast<double>(Planned(load)));
}

}  // namespace

std::string PlanOf(const PlannedLoad& load) {
  return absl::StrCat("target: ${TARGET}\nget: /\n", TruthServer::kHeaders, "rate: ", load.rate,
                      "/s\nduration: ", absl::FormatDuration(load.duration),
                      "\nagents: ", load.agents,
                      "\nvalidity: {max_lateness_p99: 1m, max_worker_cpu: 100%}\n", load.more);
}

void ExpectInvariants(const json& summary, const Truth& truth, const PlannedLoad& load,
                      const Damage& damage) {
  ASSERT_TRUE(summary.contains("agents")) << "there is no report";
  SCOPED_TRACE(summary.at("run").get<std::string>());
  ExpectAccountedFor(summary);
  ExpectArrivals(summary, load, damage);
  ExpectReconciled(summary, damage);
  ExpectTruth(summary, truth, load, damage);
  ExpectNothingEarly(summary, truth, load);
  ExpectNoFalsePass(summary, truth, load);
}

json AgentOf(const json& summary, const std::string& name) {
  for (const json& agent : summary.at("agents")) {
    if (agent.at("agent") == name) return agent;
  }
  return json::object();
}

}  // namespace loadfleet
