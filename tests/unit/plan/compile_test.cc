#include "common/plan/compile.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/plan_shape.h"
#include "common/secrets.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using ::testing::ElementsAre;

constexpr char kFullPlan[] = R"(version: 1
name: shop
labels: {service: shop}
target: http://shop.test:8080
seed: 42
agents: {min: 3, selector: {zone: eu}, on_loss: abort, start_delay: 2s}
defaults:
  http:
    version: 1.1
    headers: {Accept: application/json, X-From: default}
    timeouts: {connect: 1s, total: 8s}
    connections: {max: 77, keep_alive: false}
scenarios:
  orders:
    executor: constant-arrival-rate
    flow: order
    rate: 600/m
    duration: 1h30m
    max_in_flight: 5000
    pacing: batched
    on_overflow: drop
    max_lateness: 250ms
  visitors:
    executor: constant-vus
    flow: look
    vus: 50
    duration: 20s
    graceful_stop: 0s
flows:
  look: {steps: [{request: home, get: /, timeouts: {total: 2s}}]}
  order: {steps: [{request: order, put: /orders, headers: {x-from: own}, body: hello}]}
validity: {max_lateness_p99: 7ms, max_worker_cpu: 80%, min_coverage: 0.5, min_achieved: 97.5%}
)";

TEST(Outputs, AreFilesByFormat) {
  const v1::Plan plan = PlanOf(ShortPlan("outputs: {junit: out/junit.xml, json: ..summary}\n"));
  ASSERT_EQ(plan.outputs_size(), 2);
  EXPECT_EQ(plan.outputs(0).format(), "json");
  EXPECT_EQ(plan.outputs(0).file(), "..summary");
  EXPECT_EQ(plan.outputs(1).format(), "junit");
  EXPECT_EQ(plan.outputs(1).file(), "out/junit.xml");
}

TEST(Stages, AreMeasuredUnlessThePlanSaysOtherwise) {
  const v1::Plan plan = PlanOf(std::string(R"(target: http://127.0.0.1:8080
scenarios:
  ramp:
    executor: ramping-arrival-rate
    flow: look
    stages: [{duration: 1s, target: 5/s, measure: false}, {duration: 1s, target: 9/s}]
flows: {look: {steps: [{request: home, get: /}]}}
)"));
  const v1::RampingArrivalRate& load = plan.scenarios(0).ramping_arrival_rate();
  EXPECT_TRUE(load.stages(0).unmeasured());
  EXPECT_FALSE(load.stages(1).unmeasured());
}

TEST(Stages, TimesRequestsAreLimited) {
  std::string text = "target: http://127.0.0.1:8080\nflows: {f: {steps: [{request: r, get: /}]}}\n";
  absl::StrAppend(&text, "scenarios:\n");
  for (int scenario = 0; scenario < 11; ++scenario) {
    absl::StrAppend(&text, "  s", scenario, ": {executor: ramping-vus, flow: f, stages: [");
    for (int stage = 0; stage < 100; ++stage) absl::StrAppend(&text, "{duration: 1s, target: 1},");
    absl::StrAppend(&text, "]}\n");
  }
  EXPECT_THAT(ProblemsOf(SourceOf(text)),
              ElementsAre("plan.yaml:1:1: the scenarios have 1100 requests times stages together, "
                          "the limit is 1000"));
}

TEST(ShortForm, WithARateIsOneOpenScenario) {
  const v1::Plan plan = PlanOf(ShortPlan());
  ASSERT_EQ(plan.scenarios_size(), 1);
  const v1::Scenario& scenario = plan.scenarios(0);
  ASSERT_TRUE(scenario.has_constant_arrival_rate());
  EXPECT_EQ(scenario.constant_arrival_rate().rate().count(), 100u);
  EXPECT_EQ(scenario.constant_arrival_rate().rate().period_ns(), kSecond);
  EXPECT_EQ(scenario.constant_arrival_rate().duration_ns(), 10 * kSecond);
  ASSERT_EQ(plan.flows_size(), 1);
  ASSERT_EQ(plan.flows(0).steps_size(), 1);
  const v1::Request& request = plan.flows(0).steps(0).request();
  EXPECT_EQ(request.name(), "ping");
  EXPECT_EQ(request.method(), "GET");
  EXPECT_EQ(request.target(), "/ping");
  EXPECT_EQ(request.origin().scheme(), v1::SCHEME_HTTP);
  EXPECT_EQ(request.origin().host(), "127.0.0.1");
  EXPECT_EQ(request.origin().port(), 8080u);
}

TEST(ShortForm, WithVusIsOneClosedScenario) {
  const v1::Plan plan = PlanOf("target: http://h\nget: /\nvus: 64\nduration: 10s\n");
  ASSERT_EQ(plan.scenarios_size(), 1);
  ASSERT_TRUE(plan.scenarios(0).has_constant_vus());
  EXPECT_EQ(plan.scenarios(0).constant_vus().vus(), 64u);
  EXPECT_EQ(plan.scenarios(0).constant_vus().duration_ns(), 10 * kSecond);
}

TEST(ShortForm, TakesEveryKeyOfItsRequestAndItsLoad) {
  const v1::Plan plan = PlanOf(
      "target: http://h\npost: /orders\nheaders: {X: y}\nbody: hello\ntimeouts: {total: 3s}\n"
      "rate: 1/s\nduration: 10s\nmax_in_flight: 5\npacing: batched\non_overflow: drop\n"
      "graceful_stop: 1s\n");
  const v1::Request& request = plan.flows(0).steps(0).request();
  EXPECT_EQ(request.method(), "POST");
  EXPECT_EQ(request.body(), "hello");
  EXPECT_EQ(request.headers(0).value(), "y");
  const v1::OpenModel& open = plan.scenarios(0).constant_arrival_rate().open();
  EXPECT_EQ(open.max_in_flight(), 5u);
  EXPECT_EQ(open.pacing(), v1::PACING_BATCHED);
  EXPECT_EQ(open.on_overflow(), v1::ON_OVERFLOW_DROP);
  EXPECT_EQ(open.max_lateness_ns(), 3 * kSecond) << "the request's total timeout";
  EXPECT_EQ(plan.scenarios(0).graceful_stop_ns(), kSecond);
}

TEST(Defaults, AreAllInThePlan) {
  const v1::Plan plan = PlanOf(ShortPlan());
  EXPECT_EQ(plan.version(), 1u);
  EXPECT_EQ(plan.seed(), 0u);
  EXPECT_EQ(plan.agents().min(), 1u);
  EXPECT_EQ(plan.agents().on_loss(), v1::AgentPolicy::ON_LOSS_REDISTRIBUTE);
  EXPECT_FALSE(plan.agents().elastic());
  EXPECT_EQ(plan.agents().start_delay_ns(), 500 * kMillisecond);
  EXPECT_TRUE(plan.connections().keep_alive());
  EXPECT_EQ(plan.scenarios(0).graceful_stop_ns(), 10 * kSecond);
  const v1::OpenModel& open = plan.scenarios(0).constant_arrival_rate().open();
  EXPECT_EQ(open.max_in_flight(), 20'000u);
  EXPECT_EQ(open.pacing(), v1::PACING_PRECISE);
  EXPECT_EQ(open.on_overflow(), v1::ON_OVERFLOW_QUEUE);
  EXPECT_EQ(open.max_lateness_ns(), 10 * kSecond);
  const v1::Request& request = plan.flows(0).steps(0).request();
  EXPECT_EQ(request.version(), v1::HTTP_VERSION_AUTO);
  EXPECT_EQ(request.timeouts().connect_ns(), 2 * kSecond);
  EXPECT_EQ(request.timeouts().first_byte_ns(), 5 * kSecond);
  EXPECT_EQ(request.timeouts().total_ns(), 10 * kSecond);
  EXPECT_EQ(plan.validity().max_lateness_p99_ns(), 5 * kMillisecond);
  EXPECT_DOUBLE_EQ(plan.validity().max_worker_cpu(), 0.90);
  EXPECT_DOUBLE_EQ(plan.validity().min_coverage(), 0.99);
  EXPECT_DOUBLE_EQ(plan.validity().min_achieved(), 0.98);
}

TEST(Connections, DefaultToAThousandInAnOpenModelAndToTheVusInAClosedOne) {
  EXPECT_EQ(PlanOf(ShortPlan()).connections().max(), 1'000u);
  EXPECT_EQ(PlanOf("target: http://h\nget: /\nvus: 64\nduration: 1s\n").connections().max(), 64u);
  std::string mixed = kFullPlan;
  mixed.replace(mixed.find("max: 77, "), 9, "");
  EXPECT_EQ(PlanOf(mixed).connections().max(), 1'050u);
}

TEST(Connections, OfAllScenariosAreLimitedThroughTheirVus) {
  std::string text = "target: http://h\nflows: {f: {steps: [{request: r, get: /}]}}\nscenarios:\n";
  for (const char* name : {"a", "b"}) {
    text += std::string("  ") + name +
            ": {executor: constant-vus, flow: f, vus: 9000000, duration: 1s}\n";
  }
  EXPECT_THAT(
      ProblemsOf(SourceOf(text)),
      ElementsAre(
          "plan.yaml:1:1: the scenarios have 18000000 VUs together, the limit is 10000000"));
}

TEST(Name, IsTheFilesWhenThePlanHasNoneAndTheHostsWithoutAFile) {
  EXPECT_EQ(PlanOf(ShortPlan("name: mine\n")).name(), "mine");
  v1::PlanSource source = SourceOf(ShortPlan());
  source.set_name("plans/checkout.slo.yaml");
  EXPECT_EQ(PlanOf(source).name(), "checkout.slo");
  source.clear_name();
  EXPECT_EQ(PlanOf(source).name(), "127.0.0.1");
}

TEST(FullForm, SetsWhatItSays) {
  const v1::Plan plan = PlanOf(kFullPlan);
  EXPECT_EQ(plan.name(), "shop");
  EXPECT_EQ(plan.labels().at("service"), "shop");
  EXPECT_EQ(plan.seed(), 42u);
  EXPECT_EQ(plan.agents().min(), 3u);
  EXPECT_EQ(plan.agents().selector().at("zone"), "eu");
  EXPECT_EQ(plan.agents().on_loss(), v1::AgentPolicy::ON_LOSS_ABORT);
  EXPECT_EQ(plan.agents().start_delay_ns(), 2 * kSecond);
  EXPECT_EQ(plan.connections().max(), 77u);
  EXPECT_FALSE(plan.connections().keep_alive());
  EXPECT_EQ(plan.validity().max_lateness_p99_ns(), 7 * kMillisecond);
  EXPECT_DOUBLE_EQ(plan.validity().max_worker_cpu(), 0.8);
  EXPECT_DOUBLE_EQ(plan.validity().min_coverage(), 0.5);
  EXPECT_DOUBLE_EQ(plan.validity().min_achieved(), 0.975);
}

TEST(FullForm, KeepsScenariosInThePlansOrderAndFindsTheirFlows) {
  const v1::Plan plan = PlanOf(kFullPlan);
  ASSERT_EQ(plan.scenarios_size(), 2);
  const v1::Scenario& orders = plan.scenarios(0);
  EXPECT_EQ(orders.name(), "orders");
  EXPECT_EQ(orders.flow(), 1u);
  EXPECT_EQ(orders.constant_arrival_rate().rate().count(), 600u);
  EXPECT_EQ(orders.constant_arrival_rate().rate().period_ns(), 60 * kSecond);
  EXPECT_EQ(orders.constant_arrival_rate().duration_ns(), 5400 * kSecond);
  EXPECT_EQ(orders.constant_arrival_rate().open().max_in_flight(), 5'000u);
  EXPECT_EQ(orders.constant_arrival_rate().open().pacing(), v1::PACING_BATCHED);
  EXPECT_EQ(orders.constant_arrival_rate().open().on_overflow(), v1::ON_OVERFLOW_DROP);
  EXPECT_EQ(orders.constant_arrival_rate().open().max_lateness_ns(), 250 * kMillisecond);
  const v1::Scenario& visitors = plan.scenarios(1);
  EXPECT_EQ(visitors.name(), "visitors");
  EXPECT_EQ(visitors.flow(), 0u);
  EXPECT_EQ(visitors.constant_vus().vus(), 50u);
  EXPECT_EQ(visitors.graceful_stop_ns(), 0);
}

TEST(FullForm, NumbersRequestsFromZeroInTheOrderOfTheFlows) {
  const v1::Plan plan = PlanOf(kFullPlan);
  ASSERT_EQ(plan.flows_size(), 2);
  EXPECT_EQ(plan.flows(0).name(), "look");
  EXPECT_EQ(plan.flows(0).steps(0).request().index(), 0u);
  EXPECT_EQ(plan.flows(0).steps(0).request().name(), "home");
  EXPECT_EQ(plan.flows(1).steps(0).request().index(), 1u);
  EXPECT_EQ(plan.flows(1).steps(0).request().method(), "PUT");
}

TEST(FullForm, RequestsInheritTheDefaultsTheyDoNotOverrule) {
  const v1::Plan plan = PlanOf(kFullPlan);
  const v1::Request& home = plan.flows(0).steps(0).request();
  EXPECT_EQ(home.version(), v1::HTTP_VERSION_1_1);
  EXPECT_EQ(home.timeouts().connect_ns(), kSecond);
  EXPECT_EQ(home.timeouts().first_byte_ns(), 5 * kSecond);
  EXPECT_EQ(home.timeouts().total_ns(), 2 * kSecond);
  EXPECT_EQ(plan.flows(1).steps(0).request().timeouts().total_ns(), 8 * kSecond);
}

TEST(Plan, IsTheSameEachTimeItIsCompiled) {
  EXPECT_EQ(PlanOf(kFullPlan).SerializeAsString(), PlanOf(kFullPlan).SerializeAsString());
}

TEST(Problems, SayWhereInTheFormOfCompilers) {
  v1::Problem problem;
  problem.set_message("wrong");
  EXPECT_EQ(FormatProblem(problem), "wrong");
  problem.set_file("--rate");
  EXPECT_EQ(FormatProblem(problem), "--rate: wrong");
  problem.set_line(3);
  problem.set_column(7);
  problem.set_file("plan.yaml");
  EXPECT_EQ(FormatProblem(problem), "plan.yaml:3:7: wrong");
  problem.clear_file();
  EXPECT_EQ(FormatProblem(problem), "plan:3:7: wrong");
}

constexpr char kSetup[] =
    "target: http://shop.test\n"
    "setup: {flow: login}\n"
    "teardown: {flow: logout}\n"
    "defaults: {http: {headers: {X-Token: \"{{ setup.token }}\", X-Run: a}}}\n"
    "scenarios: {main: {executor: constant-vus, flow: buy, vus: 1, duration: 1s}}\n"
    "flows:\n"
    "  buy: {steps: [{request: buy, get: \"/buy?{{ setup.token }}\"}]}\n"
    "  login: {steps: [{group: g, steps: [{request: login, get: /in,\n"
    "    capture: {token: {status: true}}}]}, {request: me, get: \"/me?{{ token }}\"}]}\n"
    "  logout: {steps: [{request: logout, get: /out}]}\n";

TEST(Setup, NamesAFlowThatMayStandAnywhere) {
  const v1::Plan plan = PlanOf(kSetup);
  EXPECT_EQ(plan.setup().flow(), 1u);
  EXPECT_EQ(plan.teardown().flow(), 2u);
  EXPECT_EQ(FlowsDoneOnce(plan), (std::vector<uint32_t>{1, 0, 2}));
}

TEST(Setup, LeavesADefaultHeaderThatAsksForItOutOfItsOwnRequests) {
  const auto headers = [plan = PlanOf(kSetup)](size_t request) {
    std::vector<std::string> names;
    for (const v1::Header& header : RequestsOf(plan)[request]->headers()) {
      names.push_back(header.name());
    }
    return names;
  };
  EXPECT_EQ(headers(0), (std::vector<std::string>{"X-Token", "X-Run"}));
  EXPECT_EQ(headers(1), (std::vector<std::string>{"X-Run"})) << "within a group";
  EXPECT_EQ(headers(2), (std::vector<std::string>{"X-Run"}));
  EXPECT_EQ(headers(3), (std::vector<std::string>{"X-Token", "X-Run"}));
}

TEST(Setup, OfAFlowThatIsTheLoadsTooIsDoneTwiceWhenAllIsDoneOnce) {
  std::string text = kSetup;
  text.replace(text.find("flow: buy"), 9, "flow: login");
  EXPECT_EQ(FlowsDoneOnce(PlanOf(text)), (std::vector<uint32_t>{1, 0, 1, 2}));
}

v1::PlanSource WithKey(const std::string& text, const std::string& key) {
  v1::PlanSource source = SourceOf(text);
  (*source.mutable_environment())["KEY"] = key;
  return source;
}

TEST(Secrets, AreAskedOfTheEnvironmentThoughNoValueUsesThem) {
  EXPECT_EQ(EnvironmentNames(SourceOf(ShortPlan("secrets: [B]\nbody: ${A}\n"))),
            (std::vector<std::string>{"A", "B"}));
}

TEST(Secrets, AreInThePlanAndHiddenWhereItIsShown) {
  const CompiledPlan compiled =
      CompilePlan(WithKey(ShortPlan("secrets: [KEY]\nheaders: {X-Key: \"${KEY}\"}\n"), "s3cret"));
  ASSERT_TRUE(compiled.problems.empty()) << FormatProblem(compiled.problems.front());
  EXPECT_EQ(compiled.plan.secrets(0), "KEY");
  EXPECT_EQ(RequestsOf(compiled.plan)[0]->headers(0).value(), "s3cret");
  EXPECT_EQ(RequestsOf(WithoutSecrets(compiled.plan, compiled.secrets))[0]->headers(0).value(),
            "***");
}

TEST(Secrets, AreInNoProblem) {
  const std::vector<std::string> told = ProblemsOf(
      WithKey(ShortPlan("secrets: [KEY]\nseed: ${KEY}\npacing: \"aaaaaaaaaa aaaaaaaaaa aaaaaaaaaa "
                        "aaaaaaaaaa aaaaaaaa ${KEY}\"\n"),
              "s3cret-and-long"));
  ASSERT_EQ(told.size(), 2u);
  EXPECT_NE(told[0].find("got \"***\""), std::string::npos) << told[0];
  EXPECT_EQ(told[1].find("s3cr"), std::string::npos) << told[1];
}

// Filled in, it would be the value: as a name that nobody hides, or in a message.
TEST(Secrets, AreNamesAndNotValuesWhateverTheValueLooksLike) {
  for (const char* value : {"hunter2abc", "p@ss w0rd"}) {
    EXPECT_EQ(ProblemsOf(WithKey(ShortPlan("secrets: [\"${KEY}\"]\n"), value)),
              std::vector<std::string>{"plan.yaml:5:11: `secrets`: expected a variable's name such "
                                       "as API_KEY, without ${}, got \"${KEY}\""});
  }
  EXPECT_EQ(ProblemsOf(WithKey(ShortPlan("secrets: [\"${OTHER:-KEY}\"]\n"), "hunter2abc")).size(),
            1u);
}

TEST(Secrets, ThatAreTooShortToBeHiddenAreRefused) {
  EXPECT_EQ(ProblemsOf(WithKey(ShortPlan("secrets: [KEY]\n"), "abc")),
            std::vector<std::string>{
                "plan.yaml:5:11: `secrets`: the value of KEY has fewer than 4 bytes: it cannot be "
                "hidden without hiding other text"});
  EXPECT_EQ(
      ProblemsOf(WithKey(ShortPlan("secrets: [KEY]\n"), "")),
      std::vector<std::string>{"plan.yaml:5:11: `secrets`: the environment variable KEY is empty"});
}

}  // namespace
}  // namespace loadfleet
