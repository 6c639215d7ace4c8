// Feeders in a plan: what they become, and which names of columns a flow may ask for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;

// Two flows, of which `buy` is fed, with `more` scenarios.
std::string FedPlan(absl::string_view feeder = "", absl::string_view path = "{{ users.name }}",
                    absl::string_view more = "") {
  return absl::StrCat("target: http://shop.test\nfeeders:\n  users: {file: users.csv", feeder,
                      "}\nscenarios:\n  main: {executor: constant-vus, flow: buy, vus: 5, ",
                      "duration: 10s}\n", more,
                      "flows:\n  buy: {feed: [users], steps: [{request: a, get: \"/", path,
                      "\"}]}\n  look: {steps: [{request: b, get: /b}]}\n");
}

// What loadctl says of users.csv.
v1::PlanSource WithUsers(const std::string& text, uint64_t rows = 10) {
  v1::PlanSource source = SourceOf(text);
  v1::DataSource& data = *source.add_data();
  data.set_name("users.csv");
  data.mutable_file()->set_sha256("hash");
  data.mutable_file()->set_size(100);
  data.add_columns("name");
  data.add_columns("password");
  data.set_rows(rows);
  return source;
}

TEST(Feeders, AreSequentialRecycledAndDealt) {
  const v1::Plan plan = PlanOf(WithUsers(FedPlan()));
  ASSERT_EQ(plan.feeders_size(), 1);
  const v1::Feeder& users = plan.feeders(0);
  EXPECT_EQ(users.name(), "users");
  EXPECT_EQ(users.format(), v1::Feeder::FORMAT_CSV);
  EXPECT_THAT(users.columns(), ElementsAre("name", "password"));
  EXPECT_EQ(users.rows(), 10u);
  EXPECT_EQ(users.file().sha256(), "hash");
  EXPECT_EQ(users.order(), v1::Feeder::ORDER_SEQUENTIAL);
  EXPECT_EQ(users.on_end(), v1::Feeder::ON_END_RECYCLE);
  EXPECT_EQ(users.share(), v1::Feeder::SHARE_PARTITION);
  EXPECT_THAT(plan.flows(0).feeders(), ElementsAre(0));
  EXPECT_EQ(plan.scenarios(0).most_iterations(), 0u);
}

TEST(Feeders, TheirFilesAreAskedForByName) {
  const CompiledPlan compiled = CompilePlan(SourceOf(FedPlan()));
  EXPECT_THAT(compiled.data, ElementsAre("users.csv"));
  EXPECT_THAT(compiled.files, ElementsAre());
}

TEST(Feeders, ThatStopLimitTheIterationsOfTheirScenarios) {
  const v1::Plan plan = PlanOf(WithUsers(FedPlan(", on_end: stop", "{{ users.name }}",
                                                 "  more: {executor: constant-vus, flows: [{flow: "
                                                 "look}, {flow: buy}], vus: 1, duration: 1s}\n"),
                                         11));
  EXPECT_EQ(plan.scenarios(0).most_iterations(), 6u);
  EXPECT_EQ(plan.scenarios(1).most_iterations(), 5u);
  const v1::Plan copy = PlanOf(WithUsers(FedPlan(", on_end: stop, share: copy")));
  EXPECT_EQ(copy.scenarios(0).most_iterations(), 0u);
  EXPECT_EQ(copy.scenarios(0).most_iterations_each(), 10u);
}

TEST(Feeders, ThatStopNeedARowForEachScenario) {
  EXPECT_THAT(ProblemsOf(WithUsers(
                  FedPlan(", on_end: stop", "{{ users.name }}",
                          "  more: {executor: constant-vus, flow: buy, vus: 1, duration: 1s}\n"),
                  1)),
              ElementsAre("plan.yaml:3:3: feeder `users`: with `on_end: stop` its 1 rows are not "
                          "enough for an iteration of each of 2 scenarios"));
}

TEST(Feeders, AColumnThatIsNotThereIsToldWithTheNearest) {
  EXPECT_THAT(ProblemsOf(WithUsers(FedPlan("", "{{ users.nmae }}"))),
              ElementsAre("plan.yaml:7:50: `get`: feeder `users` has no column \"nmae\"; did you "
                          "mean `name`?"));
}

TEST(Feeders, AFeederThatIsNotThereIsToldWithTheNearest) {
  EXPECT_THAT(
      ProblemsOf(WithUsers(FedPlan("", "{{ user.name }}"))),
      ElementsAre("plan.yaml:7:50: `get`: there is no feeder \"user\"; did you mean `users`?"));
}

TEST(Feeders, AFlowAsksOnlyForThoseItNames) {
  std::string text = FedPlan();
  text.replace(text.find("get: /b"), 7, "get: \"/{{ users.name }}\"");
  EXPECT_THAT(ProblemsOf(WithUsers(text)),
              ElementsAre("plan.yaml:8:36: `get`: the flow has no `users` in its `feed`"));
}

TEST(Feeders, OfAFileThatHasAProblemNoColumnIsExpected) {
  v1::PlanSource source = WithUsers(FedPlan("", "{{ users.anything }}"));
  source.mutable_data(0)->clear_columns();
  EXPECT_THAT(ProblemsOf(source), ElementsAre());
}

}  // namespace
}  // namespace loadfleet
