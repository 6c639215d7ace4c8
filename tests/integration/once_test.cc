// What is done once: setup and teardown around a load, and a plan that is only looked at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPlan[] = R"(
target: ${TARGET}
secrets: [API_KEY]
validity: {max_lateness_p99: 1m, max_worker_cpu: 100%}
setup: {flow: login}
teardown: {flow: logout}
defaults: {http: {headers: {Authorization: "Bearer {{ setup.token }}"}}}
scenarios: {main: {executor: shared-iterations, flow: work, vus: 2, iterations: 10}}
flows:
  login:
    steps:
      - {request: login, post: /echo, json: {token: t-1, key: "${API_KEY}"},
         auth: {basic: {user: ada, password: "${API_KEY}"}}, capture: {token: {json: $.token}}}
  work:
    steps:
      - request: work
        post: /echo
        body: "token={{ setup.token }}&key=${API_KEY}"
        expect: {body_matches: "^token=t-1&key="}
  logout: {steps: [{request: logout, post: /echo, body: "{{ setup.token }}", expect: {status: "${LOGOUT:-200}"}}]}
)";
constexpr char kKey[] = "s3cret/key";

class OnceTest : public ::testing::Test {
 protected:
  OnceTest() : cluster_(2), plan_(cluster_.Write("plan.yaml", kPlan)) {}

  Completed Submit(std::map<std::string, std::string> environment = {}) {
    environment["API_KEY"] = kKey;
    environment["TARGET"] = cluster_.target().url();
    return Loadctl({"submit", plan_, "--master", cluster_.master().address(), "--out",
                    cluster_.Path("report.json")},
                   environment);
  }
  Completed RunOnce(std::map<std::string, std::string> environment = {}) {
    environment["API_KEY"] = kKey;
    environment["TARGET"] = cluster_.target().url();
    return Loadctl({"run", plan_, "--once"}, environment);
  }

  Cluster cluster_;
  const std::string plan_;
};

TEST_F(OnceTest, SetupAndTeardownSurroundALoadThatKnowsWhatSetupHasCaptured) {
  const Completed done = Submit();
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  const json summary = ReadSummary(cluster_.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("requests").at("completed"), 10);
  EXPECT_EQ(summary.at("checks").at("failed"), 0);
  EXPECT_EQ(cluster_.target().Requests(), 12) << "setup and teardown are in no count";
  ASSERT_EQ(summary.at("requests_by_name").size(), 1u);
  EXPECT_EQ(summary.at("requests_by_name")[0].at("request"), "work");
}

TEST_F(OnceTest, AFailedTeardownIsANoteAndNothingMore) {
  const Completed done = Submit({{"LOGOUT", "204"}});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("teardown failed: logout: status: expected 204, got 200"));
}

TEST_F(OnceTest, AFailedSetupAbortsTheRunBeforeAnythingElseIsSent) {
  const std::string plan = cluster_.Write(
      "fails.yaml",
      "target: ${TARGET}\nsetup: {flow: login}\nteardown: {flow: work}\n"
      "scenarios: {main: {executor: constant-vus, flow: work, vus: 2, duration: 1s}}\n"
      "flows:\n"
      "  login: {steps: [{request: login, get: /status/500}]}\n"
      "  work: {steps: [{request: work, get: /ping}]}\n");
  const Completed done = cluster_.Loadctl({"submit", plan});
  EXPECT_EQ(done.exit_code, 4) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("setup failed: login: got status 500"));
  EXPECT_EQ(cluster_.target().Requests(), 1);
}

TEST_F(OnceTest, APlanIsLookedAtByDoingEachFlowOnce) {
  const Completed done = RunOnce();
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  EXPECT_EQ(cluster_.target().Requests(), 3);
  for (const char* shown : {"setup login", "> POST /echo HTTP/1.1", "flow work", "teardown logout",
                            "captured token = \"t-1\"", "> Authorization: Bearer (hidden, 3 bytes)",
                            "OK  3 flows, 3 exchanges"}) {
    EXPECT_THAT(done.out, HasSubstr(shown));
  }
}

// Setup, the load and a look at the plan each begin with the first row.
TEST_F(OnceTest, FlowsThatAreDoneOnceAreFedToo) {
  cluster_.Write("users.csv", "name\nada\ngrace\n");
  const std::string plan = cluster_.Write("fed.yaml", R"(
target: ${TARGET}
validity: {max_lateness_p99: 1m, max_worker_cpu: 100%}
feeders: {users: {file: users.csv, on_end: stop}}
setup: {flow: login}
scenarios: {main: {executor: shared-iterations, flow: work, vus: 1, iterations: 2}}
flows:
  login:
    feed: [users]
    steps:
      - {request: login, post: /echo, json: {name: "{{ users.name }}"}, capture: {who: {json: $.name}}}
  work:
    feed: [users]
    steps: [{request: work, get: "/ping?user={{ users.name }}&for={{ setup.who }}"}]
)");
  const std::map<std::string, std::string> environment = {{"TARGET", cluster_.target().url()}};
  const Completed once = Loadctl({"run", plan, "--once"}, environment);
  EXPECT_EQ(once.exit_code, 0) << once.out << once.err;
  EXPECT_THAT(once.out, HasSubstr("captured who = \"ada\""));
  EXPECT_THAT(once.out, HasSubstr("GET /ping?user=ada&for=ada HTTP/1.1"));

  const std::string report = cluster_.Path("fed.json");
  const Completed run = Loadctl(
      {"submit", plan, "--master", cluster_.master().address(), "--out", report}, environment);
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(ReadSummary(report).at("requests").at("completed"), 2);
  EXPECT_EQ(cluster_.target().Requests(), 5);
}

TEST_F(OnceTest, AFailedCheckOfALookAtAPlanIsAnExitCode) {
  const Completed done = RunOnce({{"LOGOUT", "204"}});
  EXPECT_EQ(done.exit_code, 99) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("FAILED status: expected 204, got 200"));
  EXPECT_THAT(done.out, HasSubstr("FAILED  3 flows, 3 exchanges, 1 failed check"));
}

TEST_F(OnceTest, NoOutputHasASecret) {
  const Completed run = Submit({{"LOGOUT", "204"}});
  const Completed once = RunOnce({{"LOGOUT", "204"}});
  const Completed explained =
      Loadctl({"explain", plan_}, {{"API_KEY", kKey}, {"TARGET", cluster_.target().url()}});
  const Completed wrong = Loadctl({"validate", plan_, "--set", "seed=${API_KEY}"},
                                  {{"API_KEY", kKey}, {"TARGET", cluster_.target().url()}});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(once.out, HasSubstr("token=t-1&key=***"));
  std::string said = run.out + run.err + once.out + once.err + explained.out + explained.err +
                     wrong.out + wrong.err;
  said += ReadSummary(cluster_.Path("report.json")).dump();
  for (const char* form : {kKey, "s3cret%2Fkey", "YWRhOnMzY3JldC9rZXk"}) {
    EXPECT_THAT(said, Not(HasSubstr(form)));
  }
}

}  // namespace
}  // namespace loadfleet
