// Plans are hostile input: whatever the bytes, an answer and no harm.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/plan/compile.h"

namespace loadfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<v1::Problem> ProblemsOf(const std::string& text) {
  v1::PlanSource source;
  source.set_name("plan.yaml");
  source.set_text(text);
  return CompilePlan(source).problems;
}

TEST(HostilePlan, DeeperThanAnyFlowIsRefused) {
  for (const auto& [open, close] : {std::pair("[", "]"), std::pair("{a: ", "}")}) {
    std::string text = "json: ";
    for (int i = 0; i < 10'000; ++i) text += open;
    EXPECT_FALSE(ProblemsOf(text).empty());  // never closed: another mistake is found first
    text += "1";
    for (int i = 0; i < 10'000; ++i) text += close;
    const std::vector<v1::Problem> problems = ProblemsOf(text);
    ASSERT_FALSE(problems.empty());
    EXPECT_THAT(FormatProblem(problems.front()), HasSubstr(absl::StrCat(limits::kPlanDepth)));
  }
}

TEST(HostilePlan, LargerThanTheLimitIsRefusedUnread) {
  const std::vector<v1::Problem> problems = ProblemsOf(std::string(10 << 20, '#'));
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_THAT(problems[0].message(), HasSubstr("1048576"));
}

TEST(HostilePlan, AnAliasBombDoesNotGoOff) {
  std::string text = "a0: &a0 x\n";
  for (int i = 1; i < 30; ++i) {
    absl::StrAppend(&text, "a", i, ": &a", i, " [*a", i - 1, ", *a", i - 1, "]\n");
  }
  EXPECT_FALSE(ProblemsOf(text).empty());
}

TEST(HostilePlan, ManyTinyNodesAreRefused) {
  std::string text = "json: [";
  for (int i = 0; i < 200'000; ++i) text += "1,";
  EXPECT_FALSE(ProblemsOf(text + "]").empty());
}

TEST(HostilePlan, ControlCharactersInMessagesAreEscaped) {
  for (const v1::Problem& problem : ProblemsOf("\"ev\\e[31mil\\n\": 1\n")) {
    for (const char c : problem.message()) {
      EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << problem.message();
    }
  }
}

TEST(HostilePlan, BytesThatAreNotUtf8AreRefused) {
  EXPECT_FALSE(ProblemsOf("name: \xff\xfe\n").empty());
}

TEST(HostilePlan, RandomChangesOfAGoodPlanNeverCrash) {
  const std::string good =
      "target: http://127.0.0.1:8080\nget: /ping\nrate: 1000/s\nduration: 30s\n"
      "labels: {a: \"b\"}\ndefaults: {http: {headers: {X: y}}}\n";
  std::mt19937 random(42);
  for (int round = 0; round < 3'000; ++round) {
    std::string text = good;
    for (int change = 0; change < 3; ++change) {
      text[random() % text.size()] = static_cast<char>(random() % 256);
    }
    ProblemsOf(text);
  }
}

}  // namespace
}  // namespace loadfleet
