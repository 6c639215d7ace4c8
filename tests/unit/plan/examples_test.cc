#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "common/feeder/feeder_scan.h"
#include "common/feeder/row_text.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

std::string TextOf(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ExamplePlans, CompileWithoutAnyEnvironment) {
  int plans = 0;
  for (const auto& entry : std::filesystem::directory_iterator(EXAMPLE_PLANS)) {
    if (entry.path().extension() != ".yaml") continue;
    v1::PlanSource source = SourceOf(TextOf(entry.path()));
    source.set_name(entry.path().filename().string());
    for (const std::string& name : CompilePlan(source).data) {
      FeederScan scan(name, FeederFormatOf(name));
      ASSERT_TRUE(scan.Add(TextOf(entry.path().parent_path() / name)).ok()) << name;
      const auto scanned = scan.Finish();
      ASSERT_TRUE(scanned.ok()) << scanned.status();
      v1::DataSource& data = *source.add_data();
      data.set_name(name);
      *data.mutable_file() = scanned->file;
      data.mutable_columns()->Assign(scanned->columns.begin(), scanned->columns.end());
      data.set_rows(scanned->rows);
    }
    EXPECT_TRUE(ProblemsOf(source).empty()) << testing::PrintToString(ProblemsOf(source));
    ++plans;
  }
  EXPECT_GE(plans, 3);
}

}  // namespace
}  // namespace loadfleet
