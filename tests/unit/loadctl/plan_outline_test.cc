#include "loadctl/explain/plan_outline.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using testing::DoubleEq;
using testing::Each;
using testing::ElementsAre;

// Two open scenarios and a closed one, whose peaks do not coincide.
constexpr char kMixed[] = R"(
target: http://127.0.0.1:8080
defaults: {http: {connections: {max: 10}}}
scenarios:
  ramp:
    executor: ramping-arrival-rate
    flow: look
    stages: [{name: up, duration: 10s, target: 100/s}, {duration: 10s, target: 0}]
  flat: {executor: constant-arrival-rate, flow: buy, rate: 40/s, duration: 5s}
  users:
    executor: ramping-vus
    flow: sit
    start_vus: 4
    stages: [{duration: 0s, target: 10}, {duration: 30s, target: 10}]
flows:
  look: {steps: [{request: look, get: /}]}
  buy: {steps: [{request: buy, post: https://shop.test/buy}]}
  sit: {steps: [{request: sit, get: "http://[::1]:9/"}]}
)";

TEST(PlanOutline, CountsAnOpenModelsRequestsExactly) {
  const PlanOutline outline = OutlineOf(PlanOf(ShortPlan()), std::nullopt);
  EXPECT_EQ(outline.open_requests, 1000u);
  EXPECT_TRUE(outline.exact);
  EXPECT_FALSE(outline.unknown);
  EXPECT_EQ(outline.peak_rate, 100);
  EXPECT_EQ(outline.peak_vus, 0u);
  EXPECT_EQ(outline.duration, 10 * kSecond);
}

TEST(PlanOutline, KnowsThatAClosedModelsRequestsAreTheTargets) {
  const PlanOutline outline =
      OutlineOf(PlanOf("target: http://127.0.0.1\nget: /\nvus: 7\nduration: 3s\n"), std::nullopt);
  EXPECT_TRUE(outline.unknown);
  EXPECT_EQ(outline.open_requests, 0u);
  EXPECT_EQ(outline.peak_vus, 7u);
  EXPECT_FALSE(outline.scenarios[0].requests);
}

// Of 300 rows on each of three agents no agent uses more for its part of a thousand arrivals.
TEST(PlanOutline, EndsWithTheRowsOfItsFeeders) {
  v1::PlanSource source = SourceOf(R"(
target: http://127.0.0.1
feeders:
  all: {file: all.csv, on_end: stop}
  each: {file: each.csv, on_end: stop, share: copy}
scenarios:
  a: {executor: constant-arrival-rate, flow: a, rate: 100/s, duration: 10s}
  b: {executor: constant-arrival-rate, flow: b, rate: 100/s, duration: 10s}
flows:
  a: {feed: [all], steps: [{request: a, get: /}]}
  b: {feed: [each], steps: [{request: b, get: /}]}
)");
  for (const auto& [name, rows] : {std::pair{"all.csv", 700}, std::pair{"each.csv", 300}}) {
    v1::DataSource& data = *source.add_data();
    data.set_name(name);
    data.set_rows(static_cast<uint64_t>(rows));
  }
  const PlanOutline outline = OutlineOf(PlanOf(source), 3);
  EXPECT_EQ(outline.scenarios[0].iterations, 700u);
  EXPECT_EQ(outline.scenarios[1].iterations, 900u);
  EXPECT_EQ(outline.open_requests, 1'600u);
  uint64_t requests = 0;
  for (const AgentOutline& agent : outline.agents) requests += agent.requests;
  EXPECT_EQ(requests, 1'600u);
  ASSERT_EQ(outline.feeders.size(), 2u);
  EXPECT_EQ(outline.feeders[0].rows, 700u);
  EXPECT_EQ(outline.feeders[0].iterations, 1'000u);
  EXPECT_THAT(outline.feeders[1].scenarios, ElementsAre("b"));
}

TEST(PlanOutline, CountsAFixedNumberOfIterationsAsTheMost) {
  const PlanOutline outline = OutlineOf(PlanOf(R"(
target: http://127.0.0.1
scenarios:
  each: {executor: per-vu-iterations, flow: f, vus: 5, iterations: 20}
  all: {executor: shared-iterations, flow: f, vus: 2, iterations: 30}
flows: {f: {steps: [{request: r, get: /}]}}
)"),
                                        std::nullopt);
  EXPECT_EQ(outline.most_iterated, 130u);
  EXPECT_FALSE(outline.unknown);
  EXPECT_EQ(outline.peak_vus, 7u);
}

TEST(PlanOutline, FindsThePeakOfScenariosThatRunSideBySide) {
  const PlanOutline outline = OutlineOf(PlanOf(kMixed), std::nullopt);
  // At 10 s the ramp is at its top; the flat one ended at 5 s, when the ramp was at 50/s.
  EXPECT_EQ(outline.peak_rate, 100);
  EXPECT_EQ(outline.open_requests, 1000u + 200u);
  EXPECT_TRUE(outline.unknown);
  EXPECT_EQ(outline.peak_vus, 10u);
  EXPECT_EQ(outline.duration, 30 * kSecond);
  EXPECT_THAT(outline.origins,
              ElementsAre("http://127.0.0.1:8080", "https://shop.test:443", "http://[::1]:9"));
}

TEST(PlanOutline, LaysStagesEndToEnd) {
  const PlanOutline outline = OutlineOf(PlanOf(kMixed), std::nullopt);
  const std::vector<LoadLine>& ramp = outline.scenarios[0].stages;
  ASSERT_EQ(ramp.size(), 2u);
  EXPECT_EQ(ramp[0].name, "up");
  EXPECT_EQ(ramp[0].to, 100);
  EXPECT_EQ(ramp[1].begin, 10 * kSecond);
  EXPECT_EQ(ramp[1].end, 20 * kSecond);
  EXPECT_EQ(ramp[1].from, 100);
  EXPECT_EQ(ramp[1].to, 0);
}

TEST(PlanOutline, GivesEachAgentWhatTheMasterWouldDealIt) {
  const PlanOutline outline = OutlineOf(PlanOf(kMixed), 3);
  ASSERT_EQ(outline.agents.size(), 3u);
  EXPECT_FALSE(outline.agents_assumed);
  uint64_t requests = 0;
  uint64_t vus = 0;
  uint64_t connections = 0;
  for (const AgentOutline& agent : outline.agents) {
    EXPECT_NEAR(agent.share, 1.0 / 3, 1e-4);
    EXPECT_NEAR(agent.peak_rate, 100.0 / 3, 1e-2);
    requests += agent.requests;
    vus += agent.vus;
    connections += agent.connections;
  }
  EXPECT_EQ(requests, outline.open_requests);
  EXPECT_EQ(vus, 10u);
  EXPECT_EQ(connections, 10u);
}

TEST(PlanOutline, LeavesNoAgentWithoutAConnection) {
  const PlanOutline outline = OutlineOf(PlanOf(kMixed), 20);
  for (const AgentOutline& agent : outline.agents) EXPECT_EQ(agent.connections, 1u);
}

TEST(PlanOutline, TakesThePlansMinimumOfAgentsWhenNobodySaysHowMany) {
  const PlanOutline outline = OutlineOf(PlanOf(ShortPlan("agents: {min: 4}\n")), std::nullopt);
  EXPECT_EQ(outline.agents.size(), 4u);
  EXPECT_TRUE(outline.agents_assumed);
}

TEST(PlanOutline, DrawsTheHighestValueOfEachStretch) {
  const PlanOutline outline = OutlineOf(PlanOf(kMixed), std::nullopt);
  // 30 s in six stretches: the ramp up with the flat one, up, down, down, and nothing.
  EXPECT_THAT(CurveOf(outline, Quantity::kRate, 6),
              ElementsAre(DoubleEq(90), DoubleEq(100), DoubleEq(100), DoubleEq(50), 0, 0));
  EXPECT_THAT(CurveOf(outline, Quantity::kVus, 6), Each(10));
}

TEST(PlanOutline, DoesNotLoseASpikeBetweenTwoColumns) {
  const PlanOutline outline = OutlineOf(PlanOf(R"(
target: http://127.0.0.1
scenarios:
  spike:
    executor: ramping-arrival-rate
    flow: f
    stages:
      - {duration: 30m, target: 10/s}
      - {duration: 0s, target: 500/s}
      - {duration: 1s, target: 500/s}
      - {duration: 0s, target: 10/s}
      - {duration: 30m, target: 10/s}
flows: {f: {steps: [{request: r, get: /}]}}
)"),
                                        std::nullopt);
  const std::vector<double> curve = CurveOf(outline, Quantity::kRate, 10);
  EXPECT_EQ(*std::max_element(curve.begin(), curve.end()), 500);
  EXPECT_EQ(outline.peak_rate, 500);
}

TEST(PlanOutline, SaysWhenPoissonArrivalsAreOnlyAMean) {
  const auto poisson = [](const char* rate) {
    return OutlineOf(PlanOf(std::string("target: http://127.0.0.1\nget: /\narrival: poisson\n") +
                            "duration: 100s\nrate: " + rate + "\n"),
                     std::nullopt);
  };
  EXPECT_TRUE(poisson("1000/s").exact);
  EXPECT_NE(poisson("1000/s").open_requests, 100'000u);  // drawn, so not on the dot
  EXPECT_FALSE(poisson("1000000/s").exact);
}

TEST(PlanOutline, AScenarioThatStartsLaterIsNothingBefore) {
  const PlanOutline outline = OutlineOf(PlanOf(R"(
target: http://127.0.0.1
scenarios:
  late: {executor: ramping-vus, flow: f, start_vus: 8, start_time: 10s,
         stages: [{duration: 10s, target: 4}]}
flows: {f: {steps: [{request: r, get: /}]}}
)"),
                                        std::nullopt);
  EXPECT_EQ(outline.duration, 20 * kSecond);
  EXPECT_EQ(outline.scenarios[0].stages[0].begin, 10 * kSecond);
  EXPECT_EQ(outline.peak_vus, 8u);
  EXPECT_THAT(CurveOf(outline, Quantity::kVus, 4), ElementsAre(0, 0, 8, 6));
}

TEST(PlanOutline, FlowsThatAreDrawnHaveTheirRequestsOnAverage) {
  const PlanOutline outline = OutlineOf(PlanOf(R"(
target: http://127.0.0.1
scenarios:
  mix: {executor: constant-arrival-rate, rate: 100/s, duration: 10s,
        flows: [{flow: one, weight: 3}, {flow: five, weight: 1}]}
flows:
  one: {steps: [{request: a, get: /}]}
  five: {steps: [{repeat: 5, steps: [{group: g, steps: [{request: b, get: /}]}]}]}
)"),
                                        std::nullopt);
  EXPECT_EQ(outline.open_requests, 2000u);
  EXPECT_EQ(outline.peak_requests, 200);
  EXPECT_FALSE(outline.exact);
}

TEST(GeneratorNeed, IsInWholeCoresAndAgents) {
  EXPECT_EQ(NeedOf(1).cores, 1u);
  EXPECT_EQ(NeedOf(1).agents, 1u);
  EXPECT_EQ(NeedOf(kRequestsPerCore * 4).agents, 1u);
  EXPECT_EQ(NeedOf(kRequestsPerCore * 4 + 1).cores, 5u);
  EXPECT_EQ(NeedOf(kRequestsPerCore * 4 + 1).agents, 2u);
}

}  // namespace
}  // namespace loadfleet
