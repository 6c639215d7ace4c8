#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "common/clock.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

void Set(v1::PlanSource* source, const std::string& path, const std::string& value,
         const std::string& origin = "--set") {
  v1::Override& change = *source->add_overrides();
  for (const auto key : absl::StrSplit(path, '.')) change.add_path(std::string(key));
  change.set_value(value);
  change.set_origin(origin);
}

TEST(Overrides, MakeAPlanOutOfNothing) {
  v1::PlanSource source;
  Set(&source, "target", "http://127.0.0.1:8080", "--url");
  Set(&source, "get", "/ping", "--url");
  Set(&source, "vus", "64", "--vus");
  Set(&source, "duration", "10s", "--duration");
  Set(&source, "defaults.http.headers.Accept", QuoteForOverride("*/*"), "--header Accept");
  const v1::Plan plan = PlanOf(source);
  EXPECT_EQ(plan.name(), "127.0.0.1");
  EXPECT_EQ(plan.scenarios(0).constant_vus().vus(), 64u);
  EXPECT_EQ(plan.flows(0).steps(0).request().headers(0).value(), "*/*");
}

TEST(Overrides, ReplaceWhatThePlanSaysAndTheLastOneWins) {
  v1::PlanSource source = SourceOf(ShortPlan("headers: {A: 1, B: 2}\n"));
  Set(&source, "rate", "7/s");
  Set(&source, "rate", "8/s");
  Set(&source, "headers.B", "3");
  Set(&source, "timeouts", "{total: 1s}");
  const v1::Plan plan = PlanOf(source);
  EXPECT_EQ(plan.scenarios(0).constant_arrival_rate().rate().count(), 8u);
  const v1::Request& request = plan.flows(0).steps(0).request();
  EXPECT_EQ(request.headers(0).value(), "1");
  EXPECT_EQ(request.headers(1).value(), "3");
  EXPECT_EQ(request.timeouts().total_ns(), kSecond);
}

TEST(Overrides, ReachIntoListsByIndex) {
  v1::PlanSource source = SourceOf(
      "target: http://h\nflows: {f: {steps: [{request: r, get: /}]}}\n"
      "scenarios: {s: {executor: constant-vus, flow: f, vus: 1, duration: 1s}}\n");
  Set(&source, "flows.f.steps.0.get", "/other");
  Set(&source, "scenarios.s.vus", "9");
  const v1::Plan plan = PlanOf(source);
  EXPECT_EQ(plan.flows(0).steps(0).request().target(), "/other");
  EXPECT_EQ(plan.scenarios(0).constant_vus().vus(), 9u);
}

TEST(Overrides, OfNullRemoveAKey) {
  v1::PlanSource source = SourceOf(ShortPlan());
  Set(&source, "rate", "null");
  Set(&source, "vus", "5");
  EXPECT_TRUE(PlanOf(source).scenarios(0).has_constant_vus());
}

TEST(Overrides, AreWhereTheirProblemsAre) {
  v1::PlanSource source = SourceOf(ShortPlan());
  Set(&source, "rate", "fast", "--rate");
  Set(&source, "duraton", "5s", "--set duraton");
  Set(&source, "target.port", "80", "--set target.port");
  Set(&source, "name", "[", "--name");
  Set(&source, "seed", "*a", "--set seed");
  const std::vector<std::string> problems = ProblemsOf(source);
  EXPECT_THAT(problems,
              ElementsAre(HasSubstr("--rate: `rate`: expected a rate such as 10000/s"),
                          "--set duraton: unknown key `duraton`; did you mean `duration`?",
                          "--set target.port: the plan has no place for \"target.port\"",
                          HasSubstr("--name: "), HasSubstr("--set seed: ")));
}

TEST(Overrides, WhatIsMissingIsMissingInThePlanNotInAFlag) {
  v1::PlanSource source;
  Set(&source, "target", "http://h", "--url");
  Set(&source, "get", "/", "--url");
  Set(&source, "duration", "1s", "--duration");
  EXPECT_THAT(ProblemsOf(source),
              ElementsAre("`rate` or `vus` is missing, such as `rate: 1000/s` or `vus: 50`"));
}

TEST(Overrides, AreLimitedInNumberAndDepth) {
  v1::PlanSource source = SourceOf(ShortPlan());
  std::string deep = "labels";
  for (int i = 0; i < 40; ++i) deep += ".a";
  Set(&source, deep, "1", "--set deep");
  EXPECT_THAT(ProblemsOf(source), ElementsAre("--set deep: a path has 1 to 32 keys, this one 41"));
  for (int i = 0; i < 100; ++i) Set(&source, "name", "x");
  EXPECT_THAT(ProblemsOf(source), ElementsAre("plan.yaml: 101 overrides, the limit is 100"));
}

TEST(QuoteForOverride, KeepsEveryTextAsItStands) {
  for (const std::string text :
       {"plain", "*/*", "{}", "[1, 2]", "a: b", "# no comment", "null", "say \"hi\"", "back\\slash",
        "tab\tend", "gr\xc3\xbc\xc3\x9f", "line\nbreak", " spaces ", "5"}) {
    v1::PlanSource source = SourceOf(ShortPlan());
    Set(&source, "body", QuoteForOverride(text));
    EXPECT_EQ(PlanOf(source).flows(0).steps(0).request().body(), text) << text;
  }
}

}  // namespace
}  // namespace loadfleet
