#include "common/plan/compile.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/clock.h"

namespace loadfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::PlanSource Source(const std::string& text) {
  v1::PlanSource source;
  source.set_name("shop.yaml");
  source.set_text(text);
  return source;
}

void Override(v1::PlanSource* source, std::vector<std::string> path, const std::string& value,
              const std::string& origin) {
  v1::Override* change = source->add_overrides();
  for (std::string& part : path) change->add_path(std::move(part));
  change->set_value(value);
  change->set_origin(origin);
}

std::vector<std::string> Told(const v1::PlanSource& source) {
  std::vector<std::string> told;
  for (const v1::Problem& problem : CompilePlan(source).problems) {
    told.push_back(FormatProblem(problem));
  }
  return told;
}

v1::Plan Compiled(const v1::PlanSource& source) {
  EXPECT_THAT(Told(source), IsEmpty());
  return CompilePlan(source).plan;
}

constexpr char kShortest[] =
    "target: http://localhost:8080\nget: /ping\nrate: 10000/s\nduration: 30s\n";

TEST(ShortForm, IsOneScenarioWithEveryDefaultApplied) {
  const v1::Plan plan = Compiled(Source(kShortest));
  EXPECT_EQ(plan.version(), 1U);
  EXPECT_EQ(plan.name(), "shop");
  ASSERT_EQ(plan.scenarios_size(), 1);
  const v1::Scenario& scenario = plan.scenarios(0);
  EXPECT_EQ(scenario.graceful_stop_ns(), 10 * kSecond);
  const v1::ConstantArrivalRate& load = scenario.constant_arrival_rate();
  EXPECT_EQ(load.rate().count(), 10'000U);
  EXPECT_EQ(load.rate().period_ns(), kSecond);
  EXPECT_EQ(load.duration_ns(), 30 * kSecond);
  EXPECT_EQ(load.open().max_in_flight(), 20'000U);
  EXPECT_EQ(load.open().on_overflow(), v1::ON_OVERFLOW_QUEUE);
  EXPECT_EQ(load.open().pacing(), v1::PACING_PRECISE);
  const v1::Request& request = plan.flows(0).steps(0).request();
  EXPECT_EQ(request.method(), "GET");
  EXPECT_EQ(request.name(), "ping");
  EXPECT_EQ(request.origin().host(), "localhost");
  EXPECT_EQ(request.origin().port(), 8080U);
  EXPECT_EQ(request.target(), "/ping");
  EXPECT_EQ(load.open().max_lateness_ns(), request.timeouts().total_ns());
  EXPECT_EQ(plan.connections().max(), 1'000U);
  EXPECT_TRUE(plan.connections().keep_alive());
  EXPECT_EQ(plan.agents().min(), 1U);
  EXPECT_EQ(plan.validity().max_lateness_p99_ns(), 5 * kMillisecond);
}

TEST(ShortForm, VusMakeAClosedModelWithAConnectionEach) {
  const v1::Plan plan =
      Compiled(Source("target: http://localhost\nget: /\nvus: 50\nduration: 1m\n"));
  EXPECT_EQ(plan.scenarios(0).constant_vus().vus(), 50U);
  EXPECT_EQ(plan.connections().max(), 50U);
  EXPECT_EQ(plan.flows(0).steps(0).request().origin().port(), 80U);
}

TEST(FullForm, GivesFlowsTheirDefaultsAndScenariosTheirFlows) {
  const v1::Plan plan = Compiled(Source(R"(
name: two
target: http://10.0.0.7:8080
defaults:
  http:
    headers: {Accept: application/json, X-Run: default}
    timeouts: {connect: 1s, first_byte: 2s, total: 3s}
scenarios:
  write: {executor: constant-arrival-rate, flow: order, rate: 50/s, duration: 10s, on_overflow: drop}
  read: {executor: constant-vus, flow: look, vus: 5, duration: 20s}
flows:
  order:
    steps:
      - request: order
        post: /orders
        headers: {X-Run: own}
        json: {item: 7, tags: [a, b]}
  look: {steps: [{request: home, get: /}]}
)"));
  ASSERT_EQ(plan.scenarios_size(), 2);
  EXPECT_EQ(plan.flows(static_cast<int>(plan.scenarios(0).flow())).name(), "order");
  EXPECT_EQ(plan.flows(static_cast<int>(plan.scenarios(1).flow())).name(), "look");
  const v1::Request& order = plan.flows(0).steps(0).request();
  EXPECT_EQ(order.method(), "POST");
  EXPECT_EQ(order.body(), R"({"item":7,"tags":["a","b"]})");
  EXPECT_EQ(order.timeouts().total_ns(), 3 * kSecond);
  std::map<std::string, std::string> headers;
  for (const v1::Header& header : order.headers()) headers[header.name()] = header.value();
  EXPECT_EQ(headers["X-Run"], "own");
  EXPECT_EQ(headers["Accept"], "application/json");
}

TEST(Variables, AreSubstitutedInScalarsAfterParsing) {
  v1::PlanSource source = Source(
      "target: ${TARGET}\nget: /${PATH_PART:-ping}\nrate: 1/s\nduration: 1s\n"
      "labels: {git: \"${SHA:-none}\"}\n");
  (*source.mutable_environment())["TARGET"] = "http://127.0.0.1:9 # no comment";
  EXPECT_THAT(Told(source), ElementsAre(::testing::HasSubstr("shop.yaml:1:9: `target`")));
  (*source.mutable_environment())["TARGET"] = "http://127.0.0.1:9";
  const v1::Plan plan = Compiled(source);
  EXPECT_EQ(plan.flows(0).steps(0).request().target(), "/ping");
  EXPECT_EQ(plan.labels().at("git"), "none");
  EXPECT_THAT(EnvironmentNames(source), ElementsAre("PATH_PART", "SHA", "TARGET"));
}

TEST(Overrides, WinOverTheFileAndNameTheirFlagWhenWrong) {
  v1::PlanSource source = Source(kShortest);
  Override(&source, {"rate"}, "5/s", "--rate");
  EXPECT_EQ(Compiled(source).scenarios(0).constant_arrival_rate().rate().count(), 5U);
  Override(&source, {"rate"}, "quick", "--rate");
  EXPECT_THAT(Told(source), ElementsAre(::testing::StartsWith("--rate: ")));
}

TEST(Overrides, AloneMakeAPlan) {
  v1::PlanSource source;
  Override(&source, {"target"}, "http://127.0.0.1:8080", "--url");
  Override(&source, {"get"}, "/ping", "--url");
  Override(&source, {"vus"}, "64", "--vus");
  Override(&source, {"duration"}, "10s", "--duration");
  EXPECT_EQ(Compiled(source).scenarios(0).constant_vus().vus(), 64U);
}

TEST(Overrides, AQuotedValueIsReadBackAsItIs) {
  for (const char* text : {"*/*", "{}", "a: b", "\"", "\\", "null", "# x", ""}) {
    v1::PlanSource source = Source(kShortest);
    Override(&source, {"headers", "X-Text"}, QuoteForOverride(text), "--header");
    const v1::Plan plan = Compiled(source);
    const auto& headers = plan.flows(0).steps(0).request().headers();
    ASSERT_EQ(headers.size(), 1) << text;
    EXPECT_EQ(headers[0].value(), text);
  }
}

TEST(Plan, TwoCompilationsAreTheSame) {
  EXPECT_EQ(Compiled(Source(kShortest)).SerializeAsString(),
            Compiled(Source(kShortest)).SerializeAsString());
}

TEST(ExamplePlans, AreRight) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(EXAMPLE_PLANS)) {
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_THAT(Told(Source(text.str())), IsEmpty()) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 3);
}

}  // namespace
}  // namespace loadfleet
