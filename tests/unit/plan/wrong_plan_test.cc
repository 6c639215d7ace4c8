// Every tests/golden/plans/NAME.yaml is wrong, and NAME.errors is what its author is told: all of
// it, in order, with places. To add one, write both files; the text is part of the interface.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/plan/compile.h"

namespace loadfleet {
namespace {

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class WrongPlan : public ::testing::TestWithParam<std::string> {};

TEST_P(WrongPlan, IsToldWhatIsWrongAndWhere) {
  const std::filesystem::path yaml = std::filesystem::path(WRONG_PLANS) / (GetParam() + ".yaml");
  v1::PlanSource source;
  source.set_name(yaml.filename());
  source.set_text(Read(yaml));
  std::string told;
  for (const v1::Problem& problem : CompilePlan(source).problems) {
    absl::StrAppend(&told, FormatProblem(problem), "\n");
  }
  EXPECT_EQ(told, Read(std::filesystem::path(yaml).replace_extension(".errors")));
  EXPECT_NE(told, "");
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(WRONG_PLANS)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Golden, WrongPlan, ::testing::ValuesIn(Names()),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace loadfleet
