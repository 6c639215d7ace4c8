#include "loadctl/explain/outline_text.h"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "loadctl/terminal/columns.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kPlan[] = R"(
name: shop
target: http://127.0.0.1:8080
scenarios:
  orders:
    executor: ramping-arrival-rate
    flow: order
    stages:
      - {name: warmup, duration: 30s, target: 2000/s}
      - {name: steady, duration: 1m, target: 2000/s}
  visitors: {executor: constant-vus, flow: look, vus: 50, duration: 45s}
flows:
  order: {steps: [{request: order, post: /orders, body: x}]}
  look: {steps: [{request: look, get: /}]}
)";

std::string Text(const std::string& plan, std::optional<uint32_t> agents = std::nullopt) {
  return OutlineText(OutlineOf(PlanOf(plan), agents), {});
}

TEST(OutlineText, SaysAtMostWhereStepsMayBePassedOver) {
  const std::string text = Text(R"(target: http://127.0.0.1:8080
scenarios: {s: {executor: constant-arrival-rate, flow: f, rate: 10/s, duration: 10s}}
flows:
  f:
    steps:
      - {request: first, get: /, capture: {next: {json: $.next}}}
      - group: rest
        steps: [{if: "{{ next }}", steps: [{request: second, get: "{{ next }}"}]}]
)",
                                1);
  EXPECT_THAT(text, testing::HasSubstr("requests        at most 200 at a rate\n"));
  EXPECT_THAT(text, testing::ContainsRegex("100.*%  +at most 200 "));
}

TEST(OutlineText, SaysOnOnePageWhatAPlanWillDo) {
  EXPECT_EQ(Text(kPlan, 3), R"(plan            shop
target          http://127.0.0.1:8080
duration        1m30s, then up to 10.0s for what is in flight
requests        150,000 at a rate
                unknown of VUs with a duration: as many as the target answers
peak            2,000/s and 50 VUs
connections     up to 1,050
generator       about 1 core, which 1 agent of 4 has
                at 60,000 requests/s a core: half of what docs/performance.md
                measured for small HTTP/1.1 responses; TLS and HTTP/2 take more

scenario  stage   start  end    from     to
orders    warmup  0.0s   30.0s  0.0/s    2,000/s
orders    steady  30.0s  1m30s  2,000/s  2,000/s
visitors  -       0.0s   45.0s  50 VUs   50 VUs

agent  share   requests at a rate  peak     VUs  connections
1      33.33%  50,002              666.7/s  17   350
2      33.33%  49,999              666.7/s  17   350
3      33.33%  49,999              666.7/s  16   350

arrivals a second
       2,000 |                   #############################################
             |                 ###############################################
             |              ##################################################
             |           #####################################################
       1,000 |         #######################################################
             |      ##########################################################
             |   #############################################################
             |################################################################
           0 +----------------------------------------------------------------
              0s                                                         1m30s

VUs
        50.0 |################################
             |################################
             |################################
             |################################
        25.0 |################################
             |################################
             |################################
             |################################
           0 +----------------------------------------------------------------
              0s                                                         1m30s
)");
}

TEST(OutlineText, SaysHowManyRequestsAreTraced) {
  EXPECT_THAT(Text(kPlan), Not(HasSubstr("traced")));
  EXPECT_THAT(Text(absl::StrCat(kPlan, "defaults: {trace: {sample: 0.001}}\n")),
              HasSubstr("\ntraced          0.1% of the requests carry a traceparent\n"));
}

TEST(OutlineText, IsPlainAsciiUnlessTheTerminalShowsMore) {
  const PlanOutline outline = OutlineOf(PlanOf(kPlan), std::nullopt);
  const std::string plain = OutlineText(outline, {});
  EXPECT_TRUE(std::all_of(plain.begin(), plain.end(),
                          [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  EXPECT_THAT(OutlineText(outline, {true}), HasSubstr("\x1b[36m"));
  EXPECT_THAT(OutlineText(outline, {true}), HasSubstr("█"));
}

TEST(OutlineText, NoLineIsWiderThanATerminal) {
  std::string plan = absl::StrCat("name: ", std::string(120, 'n'), "\ntarget: http://",
                                  std::string(200, 'h'), "\nscenarios:\n");
  for (const char* name : {"a", "b"}) {
    absl::StrAppend(&plan, "  ", name, std::string(100, 's'),
                    ": {executor: ramping-arrival-rate, flow: f, stages: [{name: ",
                    std::string(100, 't'), ", duration: 720h, target: 50000000/s}]}\n");
  }
  absl::StrAppend(&plan, "flows: {f: {steps: [{request: r, get: /}]}}\n");
  std::istringstream lines(Text(plan, 10'000));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(ColumnsOf(line), 80u) << line;
}

TEST(OutlineText, ListsTheFirstOfManyAgents) {
  EXPECT_THAT(Text(kPlan, 100), HasSubstr("and 90 more, dealt alike"));
  EXPECT_THAT(Text(kPlan), HasSubstr("agents.min; --agents N shows another number"));
  EXPECT_THAT(Text(kPlan, 1), Not(HasSubstr("agents.min")));
}

TEST(OutlineText, DoesNotGuessWhatAClosedModelTakes) {
  const std::string text = Text("target: http://127.0.0.1\nget: /\nvus: 7\nduration: 3s\n");
  EXPECT_THAT(text, HasSubstr("requests        unknown of VUs with a duration: as many"));
  EXPECT_THAT(text, HasSubstr("peak            7 VUs\n"));
  EXPECT_THAT(text, HasSubstr("generator       unknown"));
  EXPECT_THAT(text, Not(HasSubstr("arrivals a second")));
}

TEST(CurvePlot, ShowsWhateverIsAboveNothing) {
  const std::string plot = PlotCurve({0.0001, 1000}, kSecond, {});
  EXPECT_THAT(plot, HasSubstr("             |##\n           0 +--\n"));
  EXPECT_THAT(plot, HasSubstr("       1,000 | #\n"));
}

TEST(CurvePlot, ShowsEighthsOfALineWithBlocks) {
  EXPECT_THAT(PlotCurve({1, 64}, kSecond, {true}), HasSubstr("▁█"));
}

}  // namespace
}  // namespace loadfleet
