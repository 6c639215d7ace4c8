#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

TEST(ExamplePlans, CompileWithoutAnyEnvironment) {
  int plans = 0;
  for (const auto& entry : std::filesystem::directory_iterator(EXAMPLE_PLANS)) {
    std::ifstream file(entry.path());
    v1::PlanSource source = SourceOf({std::istreambuf_iterator<char>(file), {}});
    source.set_name(entry.path().filename().string());
    EXPECT_TRUE(ProblemsOf(source).empty()) << testing::PrintToString(ProblemsOf(source));
    ++plans;
  }
  EXPECT_GE(plans, 3);
}

}  // namespace
}  // namespace loadfleet
