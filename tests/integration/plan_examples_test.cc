// Every plan in configs/plans is valid and runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"

namespace loadfleet {
namespace {

std::vector<std::filesystem::path> Plans() {
  std::vector<std::filesystem::path> plans;
  for (const auto& entry : std::filesystem::directory_iterator(EXAMPLE_PLANS)) {
    if (entry.path().extension() == ".yaml") plans.push_back(entry.path());
  }
  std::sort(plans.begin(), plans.end());
  return plans;
}

std::string TestName(const testing::TestParamInfo<std::filesystem::path>& plan) {
  return std::regex_replace(plan.param.stem().string(), std::regex("[^A-Za-z0-9]"), "_");
}

class PlanExample : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(PlanExample, IsValid) {
  const Completed done = Loadctl({"validate", GetParam()});
  EXPECT_EQ(done.exit_code, 0) << done.err;
}

TEST_P(PlanExample, Runs) {
  TargetProcess target;
  TemporaryDirectory directory;
  const std::string report = directory.path() / "report.json";
  const Completed done = RunToEnd({{LoadctlPath(), "run", GetParam(), "--set", "duration=1s",
                                    "--set", "validity.max_lateness_p99=1m", "--set",
                                    "validity.max_worker_cpu=100%", "--quiet", "--out", report},
                                   {{"TARGET", target.url()}}},
                                  kPatience);
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  const nlohmann::json summary = ReadSummary(report);
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("requests").at("completed"), target.Requests());
}

INSTANTIATE_TEST_SUITE_P(Configs, PlanExample, testing::ValuesIn(Plans()), TestName);

}  // namespace
}  // namespace loadfleet
