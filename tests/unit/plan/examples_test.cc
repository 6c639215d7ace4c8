#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ExamplePlans, CompileWithoutAnyEnvironment) {
  int plans = 0;
  for (const auto& entry : std::filesystem::directory_iterator(EXAMPLE_PLANS)) {
    if (entry.path().extension() != ".yaml") continue;
    v1::PlanSource source = SourceOf(Read(entry.path()));
    source.set_name(entry.path().filename().string());
    for (const std::string& name : CompilePlan(source).files) {
      source.mutable_files()->insert({name, Read(entry.path().parent_path() / name)});
    }
    EXPECT_TRUE(ProblemsOf(source).empty()) << testing::PrintToString(ProblemsOf(source));
    ++plans;
  }
  EXPECT_GE(plans, 3);
}

}  // namespace
}  // namespace loadfleet
