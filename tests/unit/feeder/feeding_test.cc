// Which iteration has which row: every row once a pass, and the scenarios that stop stop with them.
#include "common/feeder/feeding.h"

#include <numeric>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadfleet {
namespace {

using testing::ElementsAre;

TEST(RowOrder, SequentialGoesThroughTheRowsAgainAndAgain) {
  const RowOrder order(v1::Feeder::ORDER_SEQUENTIAL, 3, 0);
  EXPECT_EQ(order.RowAt(0), 0u);
  EXPECT_EQ(order.RowAt(2), 2u);
  EXPECT_EQ(order.RowAt(3), 0u);
}

// Whatever the number of rows: at powers of four the permutation has none to spare.
TEST(RowOrder, RandomHasEveryRowOnceAPass) {
  for (const uint64_t rows : {1, 2, 3, 4, 5, 16, 17, 100, 1'000, 1'024, 4'097}) {
    const RowOrder order(v1::Feeder::ORDER_RANDOM, rows, 42);
    for (uint64_t pass = 0; pass < 3; ++pass) {
      std::vector<bool> seen(rows, false);
      for (uint64_t place = 0; place < rows; ++place) {
        const uint64_t row = order.RowAt(pass * rows + place);
        ASSERT_LT(row, rows);
        ASSERT_FALSE(seen[row]) << "row " << row << " of " << rows << " twice in pass " << pass;
        seen[row] = true;
      }
    }
  }
}

TEST(RowOrder, RandomDependsOnTheSeedAndOnThePass) {
  const auto rows_of = [](uint64_t seed, uint64_t pass) {
    const RowOrder order(v1::Feeder::ORDER_RANDOM, 100, seed);
    std::vector<uint64_t> rows;
    for (uint64_t place = 0; place < 100; ++place) rows.push_back(order.RowAt(pass * 100 + place));
    return rows;
  };
  EXPECT_EQ(rows_of(1, 0), rows_of(1, 0));
  EXPECT_NE(rows_of(1, 0), rows_of(2, 0));
  EXPECT_NE(rows_of(1, 0), rows_of(1, 1));
  std::vector<uint64_t> sorted(100);
  std::iota(sorted.begin(), sorted.end(), 0);
  EXPECT_NE(rows_of(1, 0), sorted);
}

// Two scenarios with a flow that is fed, and one without.
v1::Plan FedPlan(uint64_t rows, v1::Feeder::Share share = v1::Feeder::SHARE_PARTITION) {
  v1::Plan plan;
  v1::Feeder& feeder = *plan.add_feeders();
  feeder.set_name("users");
  feeder.set_rows(rows);
  feeder.set_order(v1::Feeder::ORDER_SEQUENTIAL);
  feeder.set_on_end(v1::Feeder::ON_END_STOP);
  feeder.set_share(share);
  plan.add_flows()->add_feeders(0);
  plan.add_flows();
  for (const uint32_t flow : {0, 1, 0}) {
    v1::Scenario& scenario = *plan.add_scenarios();
    scenario.set_flow(flow);
    scenario.mutable_constant_arrival_rate();
  }
  plan.mutable_scenarios(2)->mutable_constant_vus()->set_vus(3);
  return plan;
}

TEST(Feeding, ScenariosTakeTurns) {
  const v1::Plan plan = FedPlan(5);
  EXPECT_THAT(FedScenarios(plan, 0), ElementsAre(0, 2));
  const Feeding first(plan, 0, 0, SlotSet::All(), "a1");
  const Feeding second(plan, 0, 2, SlotSet::All(), "a1");
  std::multiset<uint64_t> pass;
  for (uint64_t n = 0; n < 5; ++n) pass.insert(first.RowOf(n));
  for (uint64_t n = 0; n < 5; ++n) pass.insert(second.RowOf(n));
  EXPECT_THAT(pass, ElementsAre(0, 0, 1, 1, 2, 2, 3, 3, 4, 4));  // two passes
}

TEST(Feeding, AScenarioThatStopsHasAsManyIterationsAsItHasRows) {
  v1::Plan plan = FedPlan(5);
  EXPECT_THAT(LimitIterations(&plan), ElementsAre());
  EXPECT_EQ(plan.scenarios(0).most_iterations(), 3u);
  EXPECT_EQ(plan.scenarios(1).most_iterations(), 0u);
  EXPECT_EQ(plan.scenarios(2).most_iterations(), 2u);
  std::set<uint64_t> rows;
  for (const uint32_t scenario : {0u, 2u}) {
    const Feeding feeding(plan, 0, scenario, SlotSet::All(), "a1");
    const uint64_t most = plan.scenarios(static_cast<int>(scenario)).most_iterations();
    for (uint64_t n = 0; n < most; ++n) rows.insert(feeding.RowOf(n));
  }
  EXPECT_THAT(rows, ElementsAre(0, 1, 2, 3, 4));
}

TEST(Feeding, TooFewRowsForOneOfEachAreTold) {
  v1::Plan plan = FedPlan(1);
  EXPECT_THAT(LimitIterations(&plan), ElementsAre(0));
}

// With a copy it is the agent's own iterations that count, in the order of their numbers.
TEST(Feeding, EachAgentGoesThroughACopyByItself) {
  v1::Plan plan = FedPlan(8, v1::Feeder::SHARE_COPY);
  LimitIterations(&plan);
  const std::vector<uint32_t> weights = {2, 1};
  for (const SlotSet& slots : Deal(SlotSet::All(), weights)) {
    std::multiset<uint64_t> rows;
    for (const uint32_t index : {0u, 2u}) {
      const v1::Scenario& scenario = plan.scenarios(static_cast<int>(index));
      EXPECT_EQ(scenario.most_iterations(), 0u);
      const uint64_t most = MostIterationsWith(scenario, slots);
      const Feeding feeding(plan, 0, index, slots, "a1");
      const uint64_t vus = scenario.constant_vus().vus();
      for (uint64_t n = 0; n < most; ++n) {
        const uint64_t slot = vus == 0 ? n : n % vus;
        if (slots.CountBelow(slot + 1) > slots.CountBelow(slot)) rows.insert(feeding.RowOf(n));
      }
    }
    EXPECT_THAT(rows, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  }
}

TEST(Feeding, ACopyInRandomOrderIsAnotherOnEachAgent) {
  v1::Plan plan = FedPlan(100, v1::Feeder::SHARE_COPY);
  plan.mutable_feeders(0)->set_order(v1::Feeder::ORDER_RANDOM);
  const auto rows_of = [&plan](const std::string& agent) {
    const Feeding feeding(plan, 0, 0, SlotSet::All(), agent);
    std::vector<uint64_t> rows;
    for (uint64_t n = 0; n < 50; ++n) rows.push_back(feeding.RowOf(n));
    return rows;
  };
  EXPECT_EQ(rows_of("a1"), rows_of("a1"));
  EXPECT_NE(rows_of("a1"), rows_of("a2"));
}

}  // namespace
}  // namespace loadfleet
