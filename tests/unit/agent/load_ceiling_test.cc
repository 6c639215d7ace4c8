#include "agent/link/load_ceiling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/plan/compile.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

v1::Plan Compiled(const std::string& text) {
  return PlanOf(SourceOf(text));
}

SlotSet Half() {
  return Deal(SlotSet::All(), {1, 1}).front();
}

constexpr char kFlow[] =
    "flows:\n"
    "  two:\n"
    "    steps: [{request: a, get: /a}, {request: b, get: /b}]\n";

TEST(LoadCeiling, LooksAtTheShareOfARate) {
  const v1::Plan plan = Compiled("target: http://h:1\nget: /\nrate: 2000/s\nduration: 1s\n");
  EXPECT_TRUE(CheckCeiling(plan, Half(), {1000, 0}).ok());
  const absl::Status more = CheckCeiling(plan, Half(), {999, 0});
  EXPECT_TRUE(absl::IsResourceExhausted(more));
  EXPECT_THAT(std::string(more.message()),
              AllOf(HasSubstr("1000 requests"), HasSubstr("999 (--max-rate)")));
  EXPECT_TRUE(CheckCeiling(plan, SlotSet::All(), {0, 0}).ok());
}

TEST(LoadCeiling, LooksAtTheShareOfTheConnections) {
  const v1::Plan plan = Compiled(
      "target: http://h:1\nget: /\nvus: 10\nduration: 1s\n"
      "defaults: {http: {connections: {max: 10}}}\n");
  EXPECT_TRUE(CheckCeiling(plan, Half(), {1, 5}).ok());
  const absl::Status more = CheckCeiling(plan, Half(), {0, 4});
  EXPECT_TRUE(absl::IsResourceExhausted(more));
  EXPECT_THAT(std::string(more.message()),
              AllOf(HasSubstr("5 connections"), HasSubstr("4 (--max-connections)")));
}

TEST(LoadCeiling, AddsWhatIsAtTheSameTimeOnly) {
  const std::string apart =
      "target: http://h:1\n"
      "scenarios:\n"
      "  x: {executor: constant-arrival-rate, flow: two, rate: 100/s, duration: 10s}\n"
      "  y: {executor: constant-arrival-rate, flow: two, rate: 300/s, duration: 10s, start_time: ";
  EXPECT_DOUBLE_EQ(PeakRequestRate(Compiled(apart + "10s}\n" + kFlow)), 600);
  EXPECT_DOUBLE_EQ(PeakRequestRate(Compiled(apart + "9s}\n" + kFlow)), 800);
}

TEST(LoadCeiling, FindsThePeakOfARamp) {
  EXPECT_DOUBLE_EQ(
      PeakRequestRate(Compiled(
          std::string("target: http://h:1\n"
                      "scenarios:\n"
                      "  x:\n"
                      "    executor: ramping-arrival-rate\n"
                      "    flow: two\n"
                      "    start_rate: 50/s\n"
                      "    stages: [{duration: 5s, target: 500/s}, {duration: 5s, target: 10/s}]\n"
                      "  y: {executor: constant-arrival-rate, flow: two, rate: 100/s, duration: "
                      "5s, start_time: 5s}\n") +
          kFlow)),
      1200);
}

TEST(LoadCeiling, KnowsNoRateOfAClosedModel) {
  EXPECT_DOUBLE_EQ(PeakRequestRate(Compiled("target: http://h:1\nget: /\nvus: 10\nduration: 1s\n")),
                   0);
}

}  // namespace
}  // namespace loadfleet
