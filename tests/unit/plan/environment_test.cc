#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string BodyOf(const std::string& body, const std::map<std::string, std::string>& environment) {
  v1::PlanSource source = SourceOf(ShortPlan("body: " + body + "\n"));
  source.mutable_environment()->insert(environment.begin(), environment.end());
  return PlanOf(source).flows(0).steps(0).request().body();
}

TEST(Environment, IsSubstitutedInValues) {
  const struct {
    const char* body;
    const char* result;
  } cases[] = {
      {"${A}", "one"},
      {"<${A}${B}>", "<onetwo>"},
      {"${A:-other}", "one"},
      {"${UNSET:-other}", "other"},
      {"${UNSET:-}", ""},
      {"${EMPTY:-other}", "other"},
      {"${EMPTY}", ""},
      {"${UNSET:-a:-b}", "a:-b"},
      {"$${A}", "${A}"},
      {"$A costs 5$", "$A costs 5$"},
      {"'${A}'", "one"},
      {"${NESTED}", "${A}"},  // what a value brings in is text
      {"\"${QUOTE}\"", "\"\nrate: 1e9"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(BodyOf(c.body, {{"A", "one"},
                              {"B", "two"},
                              {"EMPTY", ""},
                              {"NESTED", "${A}"},
                              {"QUOTE", "\"\nrate: 1e9"}}),
              c.result)
        << c.body;
  }
}

TEST(Environment, CannotBringALineIntoAHeader) {
  v1::PlanSource source = SourceOf(ShortPlan("headers: {X: \"${EVIL}\"}\n"));
  (*source.mutable_environment())["EVIL"] = "a\r\nHost: other";
  EXPECT_THAT(ProblemsOf(source), ElementsAre("plan.yaml:5:14: header `X`: control character in "
                                              "\"a\\r\\nHost: other\""));
}

TEST(Environment, MustBeUtf8AndKeepThePlanSmall) {
  v1::PlanSource source = SourceOf(ShortPlan("body: ${BIG}${BIG}\n"));
  (*source.mutable_environment())["BIG"] = std::string(700 << 10, 'x');
  EXPECT_THAT(ProblemsOf(source), ElementsAre(HasSubstr("larger than 1MiB")));
  (*source.mutable_environment())["BIG"] = "\xff";
  EXPECT_THAT(ProblemsOf(source), ElementsAre(HasSubstr("not valid UTF-8")));
}

TEST(Environment, TellsNumbersFromTextsOnlyWithoutQuotes) {
  v1::PlanSource source = SourceOf(
      "target: http://h\npost: /\nrate: ${N}/s\nduration: 1s\n"
      "json:\n  a: ${N}\n  b: \"${N}\"\n");
  (*source.mutable_environment())["N"] = "5";
  const v1::Plan plan = PlanOf(source);
  EXPECT_EQ(plan.scenarios(0).constant_arrival_rate().rate().count(), 5u);
  EXPECT_EQ(plan.flows(0).steps(0).request().body(), R"({"a":5,"b":"5"})");
}

TEST(EnvironmentNames, AreThoseOfValuesOnceEachAndSorted) {
  v1::PlanSource source = SourceOf(
      "# ${COMMENT}\n${KEY}: 1\ntarget: ${TARGET:-http://h}\nbody: ${B}${A}${B} $${LITERAL}\n");
  v1::Override& change = *source.add_overrides();
  change.add_path("name");
  change.set_value("${NAME}");
  EXPECT_THAT(EnvironmentNames(source), ElementsAre("A", "B", "NAME", "TARGET"));
  EXPECT_THAT(EnvironmentNames(SourceOf("{broken: ${A}")), IsEmpty());
}

}  // namespace
}  // namespace loadfleet
