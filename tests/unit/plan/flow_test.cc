// What the steps of a flow become.
#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/clock.h"
#include "common/plan_shape.h"
#include "common/secrets.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

constexpr char kScenarios[] = R"(target: http://shop.test
scenarios:
  mix:
    executor: constant-vus
    vus: 10
    duration: 30s
    start_time: 5s
    pace: 2s
    flows: [{flow: buy, weight: 3}, {flow: look}]
  orders: {executor: constant-arrival-rate, flow: buy, rate: 10/s, duration: 20s}
)";

// One flow of `requests`, each a line of it.
v1::PlanSource FlowOf(const std::string& head, const std::function<std::string(int)>& request,
                      int requests) {
  std::string text = "target: http://h\n" + head +
                     "scenarios: {s: {executor: constant-vus, flow: f, vus: 1, duration: 1s}}\n"
                     "flows:\n  f:\n    steps:\n";
  for (int i = 0; i < requests; ++i) text += "      - {" + request(i) + "}\n";
  return SourceOf(text);
}

TEST(Flow, CapturesAHundredDifferentNames) {
  const auto request = [](int i) {
    const std::string number = std::to_string(i);
    return "request: r" + number + ", get: /, capture: {c" + number + ": {status: true}}";
  };
  EXPECT_THAT(ProblemsOf(FlowOf("", request, 100)), testing::IsEmpty());
  EXPECT_THAT(ProblemsOf(FlowOf("", request, 101)),
              testing::ElementsAre(
                  "plan.yaml:4:3: flow `f` captures 101 different names, the limit is 100"));
}

TEST(Flow, MayNotMultiplyItsDefaultsBeyondBounds) {
  const std::string head = "defaults: {http: {headers: {X: " + std::string(8'000, 'x') + "}}}\n";
  const auto request = [](int i) { return "request: r" + std::to_string(i) + ", get: /"; };
  EXPECT_THAT(ProblemsOf(FlowOf(head, request, 1'000)), testing::IsEmpty());
  const std::string twice = "defaults: {http: {headers: {X: " + std::string(8'000, 'x') +
                            ", Y: " + std::string(8'000, 'y') + "}}}\n";
  EXPECT_THAT(
      ProblemsOf(FlowOf(twice, request, 1'000)),
      testing::ElementsAre(testing::HasSubstr("the requests have more than 8MiB together")));
}

v1::Plan Open() {
  return PlanOf(std::string(kScenarios) + R"(flows:
  buy: {steps: [{request: a, get: /a}, {repeat: 4, steps: [{request: b, get: /b}]}]}
  look: {steps: [{request: c, get: /c}]}
)");
}

TEST(Flow, SaysWhatFollowsAFailedStep) {
  const v1::Plan plan = PlanOf(
      "target: http://shop.test\n"
      "scenarios: {a: {executor: constant-vus, flow: f, vus: 1, duration: 1s}}\n"
      "flows: {f: {on_error: stop_vu, steps: [{request: a, get: /a}]}}\n");
  EXPECT_EQ(plan.flows(0).on_error(), v1::Flow::ON_ERROR_STOP_VU);
  EXPECT_EQ(Open().flows(0).on_error(), v1::Flow::ON_ERROR_NEXT_ITERATION);
}

TEST(Flow, ScenariosSayWhenAndWhichAndHowOften) {
  const v1::Plan plan = Open();
  const v1::Scenario& mix = plan.scenarios(0);
  EXPECT_EQ(mix.start_time_ns(), 5 * kSecond);
  EXPECT_EQ(mix.pace_ns(), 2 * kSecond);
  ASSERT_EQ(mix.flows_size(), 2);
  EXPECT_EQ(mix.flows(0).flow(), 0u);
  EXPECT_EQ(mix.flows(0).weight(), 3u);
  EXPECT_EQ(mix.flows(1).flow(), 1u);
  EXPECT_EQ(mix.flows(1).weight(), 1u);
  EXPECT_EQ(LoadDuration(plan), 35 * kSecond);
  EXPECT_EQ(plan.scenarios(1).flows_size(), 0);
}

TEST(Flow, ThePlannedRateOfRequestsCountsEveryStep) {
  const v1::Plan plan = Open();
  EXPECT_DOUBLE_EQ(RequestsPerIteration(plan, plan.scenarios(0)), (3 * 5 + 1) / 4.0);
  EXPECT_DOUBLE_EQ(PlannedRate(plan), 10);
  EXPECT_DOUBLE_EQ(PlannedRequestRate(plan), 50);
}

TEST(Flow, StepsAreATreeWhoseRequestsAreNumberedInTheOrderOfTheText) {
  const v1::Plan plan = PlanOf(
      "target: http://shop.test\n"
      "scenarios: {a: {executor: constant-vus, flow: buy, vus: 1, duration: 1s}}\n"
      "flows:\n"
      "  buy:\n"
      "    steps:\n"
      "      - {request: login, post: /login}\n"
      "      - think: 1500ms\n"
      "      - group: pay\n"
      "        steps:\n"
      "          - think: {min: 100ms, max: 400ms}\n"
      "          - {repeat: 4, steps: [{request: item, get: /i}, {think: {mean: 1s, sd: 1ms}}]}\n"
      "  look:\n"
      "    steps:\n"
      "      - {group: look, steps: [{request: home, get: /}]}\n"
      "      - {group: pay, steps: [{think: {mean: 2s, distribution: exponential}}]}\n");
  const auto& steps = plan.flows(0).steps();
  ASSERT_EQ(steps.size(), 3);
  EXPECT_EQ(steps[0].request().name(), "login");
  EXPECT_EQ(steps[1].think().min_ns(), 1'500 * kMillisecond);
  EXPECT_EQ(steps[1].think().max_ns(), 1'500 * kMillisecond);
  const v1::Group& pay = steps[2].group();
  EXPECT_EQ(pay.name(), "pay");
  EXPECT_EQ(pay.steps(0).think().distribution(), v1::Think::DISTRIBUTION_UNIFORM);
  EXPECT_EQ(pay.steps(0).think().max_ns(), 400 * kMillisecond);
  const v1::Repeat& repeat = pay.steps(1).repeat();
  EXPECT_EQ(repeat.times(), 4u);
  EXPECT_EQ(repeat.steps(0).request().index(), 1u);
  EXPECT_EQ(repeat.steps(1).think().distribution(), v1::Think::DISTRIBUTION_NORMAL);
  EXPECT_EQ(repeat.steps(1).think().sd_ns(), kMillisecond);
  const auto& look = plan.flows(1).steps();
  EXPECT_EQ(look[0].group().index(), 1u);
  EXPECT_EQ(look[0].group().steps(0).request().index(), 2u);
  EXPECT_EQ(look[1].group().index(), pay.index()) << "the same name is the same group";
  EXPECT_EQ(look[1].group().steps(0).think().mean_ns(), 2 * kSecond);
  EXPECT_EQ(RequestName(plan, 1), "item");
  EXPECT_EQ(GroupName(plan, 1), "look");
}

TEST(Flow, ConditionsAreAboutOneName) {
  const v1::Plan plan = PlanOf(
      "target: http://shop.test\n"
      "scenarios: {a: {executor: constant-vus, flow: f, vus: 1, duration: 1s}}\n"
      "flows:\n  f:\n    steps:\n"
      "      - {request: a, get: /a, capture: {x: {status: true}}}\n"
      "      - {if: \"{{ x }}\", steps: [{request: b, get: /b}]}\n"
      "      - {if: \"{{ x }} == 20 0\", steps: [{think: 1s}]}\n"
      "      - {if: \"{{x}}!=200\", steps: [{think: 1s}]}\n");
  const auto& steps = plan.flows(0).steps();
  EXPECT_EQ(steps[1].condition().test(), v1::If::TEST_PRESENT);
  EXPECT_EQ(steps[1].condition().steps(0).request().index(), 1u);
  EXPECT_EQ(steps[2].condition().test(), v1::If::TEST_EQUAL);
  EXPECT_EQ(steps[2].condition().literal(), "20 0");
  EXPECT_EQ(steps[3].condition().value(), "{{x}}");
  EXPECT_EQ(steps[3].condition().test(), v1::If::TEST_NOT_EQUAL);
  EXPECT_EQ(steps[3].condition().literal(), "200");
}

TEST(Flow, CredentialsAreNeitherStoredNorShown) {
  const v1::Plan plan = PlanOf(
      "target: http://shop.test\n"
      "scenarios: {a: {executor: constant-vus, flow: f, vus: 1, duration: 1s}}\n"
      "flows: {f: {steps: [{group: g, steps: [{request: a, get: /a, auth: {bearer: s3cret}}]},\n"
      "  {repeat: 2, steps: [{request: b, get: /b, headers: {authorization: s3cret, X: y}}]}]}}\n");
  EXPECT_NE(plan.DebugString().find("s3cret"), std::string::npos);
  const v1::Plan shown = WithoutSecrets(plan);
  EXPECT_EQ(shown.DebugString().find("s3cret"), std::string::npos);
  EXPECT_EQ(RequestsOf(shown)[1]->headers(1).value(), "y");
}

}  // namespace
}  // namespace loadfleet
