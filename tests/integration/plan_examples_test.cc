// Every plan in configs/plans is valid and runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include <yaml-cpp/yaml.h>

#include "absl/strings/str_cat.h"
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

// What makes a plan short and keeps this machine's own lateness out of its verdict, as --set flags.
std::vector<std::string> Overrides(const std::filesystem::path& plan) {
  std::vector<std::string> words = {"--set", "validity.max_lateness_p99=1m", "--set",
                                    "validity.max_worker_cpu=100%"};
  const YAML::Node root = YAML::LoadFile(plan);
  if (root["duration"]) words.insert(words.end(), {"--set", "duration=1s"});
  for (const auto& scenario : root["scenarios"]) {
    if (!scenario.second["duration"]) continue;
    const auto name = scenario.first.as<std::string>();
    words.insert(words.end(), {"--set", absl::StrCat("scenarios.", name, ".duration=1s")});
  }
  return words;
}

// What setup and teardown send is in no count of the report; in the examples each is one request.
int64_t RequestsOutsideOfTheLoad(const std::filesystem::path& plan) {
  const YAML::Node root = YAML::LoadFile(plan);
  return (root["setup"] ? 1 : 0) + (root["teardown"] ? 1 : 0);
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
  std::vector<std::string> words = {"run", GetParam(), "--quiet", "--out", report};
  for (std::string& word : Overrides(GetParam())) words.push_back(std::move(word));
  const Completed done = Loadctl(std::move(words), {{"TARGET", target.url()}});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  const nlohmann::json summary = ReadSummary(report);
  ExpectAccountedFor(summary);
  const nlohmann::json& requests = summary.at("requests");
  EXPECT_EQ(requests.at("completed").get<uint64_t>() + requests.value("redirects", 0u) +
                RequestsOutsideOfTheLoad(GetParam()),
            target.Requests());
}

INSTANTIATE_TEST_SUITE_P(Configs, PlanExample, testing::ValuesIn(Plans()), TestName);

}  // namespace
}  // namespace loadfleet
