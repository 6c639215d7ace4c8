// Plans as an attacker writes them. Each is answered with problems, in bounded time and memory: the
// tests' own time limit and the sanitizers see to that.
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string Staircase(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  return text;
}

std::string Numbered(const std::string& before, const std::string& after, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) absl::StrAppend(&text, before, i, after);
  return text;
}

struct Hostile {
  std::string name;
  std::string text;
  std::string problem;  // part of one of the answers
};

void PrintTo(const Hostile& plan, std::ostream* out) {
  *out << plan.name;
}

std::vector<Hostile> HostileStructures() {
  return {
      {"ListsInLists", "a: " + Repeated("[", 10'000) + Repeated("]", 10'000), "deeper than 32"},
      {"MapsInMaps", Repeated("{a: ", 10'000) + "1" + Repeated("}", 10'000), "deeper than 32"},
      {"BlocksInBlocks", Staircase(1'000), "deeper than 32"},
      {"ListsOnOneLine", Repeated("- ", 10'000) + "a", "deeper than 32"},
      {"NeverClosed", Repeated("[", 10'000), ""},
      {"NeverClosedMaps", Repeated("{", 10'000), ""},
      {"ClosedTooOften", "a: b" + Repeated("]", 1'000), ""},
      {"KeysOfKeys", Repeated("? ", 10'000), "a key must be a text"},
      {"Colons", Repeated(": ", 10'000), "did not find expected key"},
      {"AliasBomb",
       "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c]\n",
       "anchors"},
      {"SelfAlias", "a: &a [*a]\n", "anchors"},
      {"MergeKey", "a: &a {b: c}\n<<: *a\n", "anchors"},
      {"TagOfAnObject", "target: !!python/object/apply:os.system [ls]\n", "tags"},
      {"BinaryTag", "body: !!binary aGVsbG8=\n", "tags"},
      {"MapAsKey", "{a: b}: c\n", "a key must be a text"},
      {"ListAsKey", "[a]: c\n", "a key must be a text"},
      {"NullAsKey", "~: c\n", "a key must be a text"},
      {"Documents", Repeated("---\na: b\n", 1'000), "second one begins here"},
      {"Directive", "%YAML 9.9\n---\na: b\n", ""},
      {"TenMebibytes", std::string(10 << 20, 'a'), "bytes, the limit is 1MiB"},
      {"ManyNodes", "a:\n" + Repeated("- 1\n", 120'000), "more than 100000 nodes"},
      {"ManyCommas", "a: [" + Repeated("1,", 120'000) + "]", "the plan has more than 100000 nodes"},
      {"ManyKeys", Numbered("k", ": 1\n", 40'000), "unknown key `k0`"},
      {"ManyDuplicates", Repeated("k: 1\n", 40'000), "duplicate key \"k\""},
      {"ManyHeaders", "headers: {" + Numbered("h", ": v,", 1'000) + "}",
       "`headers` has 1000 entries, the limit is 100"},
      {"ManyFlows", "scenarios: {}\nflows: {" + Numbered("f", ": {},", 2'000) + "}",
       "the limit is 1000"},
      {"ManyScenarios", "flows: {}\nscenarios: {" + Numbered("s", ": {},", 200) + "}",
       "the limit is 100"},
      {"LongKey", std::string(500'000, 'k') + ": 1\n", ""},
      {"LongQuotedKey", "? " + std::string(500'000, 'k') + "\n: 1\n", "kkk..."},
  };
}

std::vector<Hostile> HostileBytes() {
  return {
      {"Nul", std::string("target: a\0b\n", 12), "1:10: control character 0x00"},
      {"Escape", "target: \x1b[31mred\n", "1:9: control character 0x1b"},
      {"Delete", "target: \x7f\n", "control character 0x7f"},
      {"Latin1", "target: gr\xfc\xdf\n", "1:11: the plan is not valid UTF-8: byte 0xfc"},
      {"Overlong", "target: \xc0\xaf\n", "not valid UTF-8"},
      {"Surrogate", "target: \xed\xa0\x80\n", "not valid UTF-8"},
      {"EscapedSurrogate", "body: \"\\ud800\"\n", ""},
      {"Utf16", std::string("\xff\xfet\0a\0", 6), "not valid UTF-8"},
      {"Utf32", std::string("\0\0\0t", 4), "control character 0x00"},
      {"SecondLine", "a: b\n\x01", "2:1: control character 0x01"},
  };
}

std::vector<Hostile> HostileValues() {
  const auto plan = [](const std::string& line) { return ShortPlan(line); };
  const auto rate = [](const std::string& value) {
    return "target: http://h\nget: /\nduration: 1s\nrate: " + value + "\n";
  };
  const auto get = [](const std::string& value) {
    return "target: http://h\nvus: 1\nduration: 1s\nget: " + value + "\n";
  };
  return {
      {"NaN", rate(".nan"), "expected a rate"},
      {"PlainNaN", rate("nan/s"), "expected a rate"},
      {"Infinity", rate(".inf"), "expected a rate"},
      {"Huge", rate("1e308"), "expected a rate"},
      {"ManyDigits", rate(std::string(5'000, '9') + "/s"), "expected a rate"},
      {"TinyRate", rate("0." + std::string(5'000, '0') + "1/s"), "expected a rate"},
      {"NegativeRate", rate("-5/s"), "expected a rate"},
      {"NegativeZero", rate("-0/s"), "expected a rate"},
      {"HexadecimalRate", rate("0xffff/s"), "expected a rate"},
      {"ZeroPeriod", rate("1/0s"), "expected a rate"},
      {"FasterThanAllowed", rate("1/ns"), "the limit is 100000000/s"},
      {"OverflowingDuration", plan("timeouts: {total: 999999999999h}\n"), "292 years"},
      {"NegativeDuration", plan("graceful_stop: -1s\n"), "expected a duration"},
      {"OverflowingCount", plan("max_in_flight: 18446744073709551617\n"), "whole number"},
      {"Wraparound", plan("max_in_flight: 4294967297\n"), "expected 1 to 10000000"},
      {"NegativeSeed", plan("seed: -1\n"), "whole number"},
      {"HeaderCrLf", plan("headers: {A: \"b\\r\\nC: d\"}\n"), "control character"},
      {"HeaderLf", plan("headers: {A: \"b\\nC: d\"}\n"), "control character"},
      {"HeaderNul", plan("headers: {A: \"b\\0\"}\n"), "control character"},
      {"HeaderNameCrLf", plan("headers: {\"A\\r\\nB\": c}\n"), "not a header name"},
      {"HeaderNameColon", plan("headers: {\"A:\": c}\n"), "not a header name"},
      {"EmptyHeaderName", plan("headers: {\"\": c}\n"), "not a header name"},
      {"Smuggling", plan("headers: {transfer-encoding: chunked}\n"), "written by the agent"},
      {"PathCrLf", get("\"/ HTTP/1.1\\r\\nX: y\""), "percent-encode"},
      {"PathNul", get("\"/\\0\""), "percent-encode"},
      {"PathOfAnotherForm", get("\"*\""), "begins with /"},
      {"FileUrl", get("file:///etc/passwd"), "expected a URL"},
      {"NameWithNewline", plan("name: \"a\\nb\"\n"), "control character"},
      {"LabelWithEscape", plan("labels: {a: \"\\e[31m\"}\n"), "control character"},
      {"TemplateOfNobodysName", plan("body: \"{{ x }}\"\n"), "nothing captures \"x\""},
      {"TemplateThatCalls", plan("body: \"{{ system(1) }}\"\n"), "no function \"system\""},
      {"TemplateWithoutEnd", plan("body: \"" + std::string(10'000, '{') + "\"\n"),
       "`{{` without `}}`"},
      {"TemplateInTheHost", get("\"http://{{ agent }}.test/\""), "not before them"},
      {"ManyExpectations", plan("expect: {header: {" + Numbered("h", ": v,", 200) + "}}\n"),
       "`header`: 200 of them, the limit is 100"},
      {"ManyRegexes", plan("expect: {header: {" + Numbered("h", ": '/\\W{900}/',", 100) + "}}\n"),
       "more than 200000 of RE2's instructions"},
      {"ManyStatuses", plan("expect: {status: [" + Repeated("200,", 200) + "]}\n"),
       "`status`: 200 of them, the limit is 100"},
      {"ManyFillIns", plan("body: \"" + Repeated("{{uuid}}", 20'000) + "\"\n"),
       "a text has at most 10000 pieces"},
      {"EndlessMetric",
       plan("thresholds: [{metric: \"requests{" + Repeated("a=b,", 10'000) +
            "\", expr: count > 1}]\n"),
       "40009 bytes, the limit is 2048"},
      {"CostlyRegex", plan("expect: {body_matches: \"((a{100}){100}){100}\"}\n"),
       "no regular expression of RE2"},
  };
}

class HostilePlan : public testing::TestWithParam<Hostile> {};

TEST_P(HostilePlan, IsAnsweredWithItsProblems) {
  const std::vector<std::string> problems = ProblemsOf(SourceOf(GetParam().text));
  ASSERT_FALSE(problems.empty());
  EXPECT_LE(problems.size(), static_cast<size_t>(limits::kPlanProblems) + 1);
  EXPECT_THAT(problems, Contains(HasSubstr(GetParam().problem)));
  for (const std::string& line : problems) {
    EXPECT_TRUE(absl::StartsWith(line, "plan.yaml")) << line;
    EXPECT_LT(line.size(), 400u) << line;
  }
}

const auto kName = [](const auto& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(Structure, HostilePlan, testing::ValuesIn(HostileStructures()), kName);
INSTANTIATE_TEST_SUITE_P(Bytes, HostilePlan, testing::ValuesIn(HostileBytes()), kName);
INSTANTIATE_TEST_SUITE_P(Values, HostilePlan, testing::ValuesIn(HostileValues()), kName);

TEST(HostilePlans, AreToldTheFirstTwentyProblemsByPlaceAndHowManyMoreThereAre) {
  const std::vector<std::string> problems =
      ProblemsOf(SourceOf(ShortPlan(Numbered("wrong", ": 1\n", 50'000 - 10))));
  ASSERT_THAT(problems, SizeIs(limits::kPlanProblems + 1));
  EXPECT_EQ(problems.front(), "plan.yaml:5:1: unknown key `wrong0`");
  EXPECT_EQ(problems.back(), "plan.yaml: and 49970 more");
}

TEST(HostilePlans, MadeOfAGoodOneByChanceNeverCrash) {
  const std::string good = ShortPlan("labels: {a: \"b\"}\ndefaults: {http: {headers: {X: y}}}\n");
  std::mt19937 random(42);
  for (int round = 0; round < 3'000; ++round) {
    std::string text = good;
    for (int change = 0; change < 3; ++change) {
      text[random() % text.size()] = static_cast<char>(random() % 256);
    }
    EXPECT_LE(ProblemsOf(SourceOf(text)).size(), static_cast<size_t>(limits::kPlanProblems) + 1);
  }
}

TEST(HostileOverrides, AreHeldToTheSameLimits) {
  v1::PlanSource source = SourceOf(ShortPlan());
  v1::Override& change = *source.add_overrides();
  change.add_path("labels");
  change.set_origin("--set labels");
  change.set_value(Repeated("[", 100) + Repeated("]", 100));
  EXPECT_THAT(ProblemsOf(source),
              ElementsAre("--set labels: the plan is nested deeper than 32 levels"));
  change.set_value("\xff");
  EXPECT_THAT(ProblemsOf(source), ElementsAre(HasSubstr("not valid UTF-8")));
}

}  // namespace
}  // namespace loadfleet
