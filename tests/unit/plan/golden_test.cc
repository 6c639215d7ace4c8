// Every plan in tests/golden/plans is wrong in its own way; the file beside it holds what its
// author is told, to the letter.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> WrongPlans() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(LOADFLEET_SOURCE_DIR "/tests/golden/plans")) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class WrongPlan : public testing::TestWithParam<std::string> {};

TEST_P(WrongPlan, IsAnsweredWithExactlyTheseProblems) {
  const fs::path plan =
      fs::path(LOADFLEET_SOURCE_DIR "/tests/golden/plans") / (GetParam() + ".yaml");
  v1::PlanSource source;
  source.set_name(plan.filename().string());
  source.set_text(ReadFile(plan));
  std::string problems;
  for (const std::string& line : ProblemsOf(source)) problems += line + "\n";
  EXPECT_EQ(problems, ReadFile(fs::path(plan).replace_extension(".errors")));
}

INSTANTIATE_TEST_SUITE_P(Golden, WrongPlan, testing::ValuesIn(WrongPlans()),
                         [](const auto& plan) { return plan.param; });

}  // namespace
}  // namespace loadfleet
