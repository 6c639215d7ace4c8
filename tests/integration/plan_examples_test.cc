// Every plan in configs/plans is valid, and passes when it is run: a new one is found here by
// itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include <yaml-cpp/yaml.h>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
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

// The words of `--set KEY=VALUE` flags.
class Overrides {
 public:
  void Set(absl::string_view key, absl::string_view value) {
    words_.insert(words_.end(), {"--set", absl::StrCat(key, "=", value)});
  }
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
};

bool IsLongerThan(const YAML::Node& text, absl::Duration limit) {
  absl::Duration duration;
  return text && absl::ParseDuration(text.as<std::string>(), &duration) && duration > limit;
}

// A second of load, half of one for each stage.
void Shorten(const YAML::Node& load, const std::string& prefix, Overrides* overrides) {
  if (IsLongerThan(load["duration"], absl::Seconds(1))) {
    overrides->Set(absl::StrCat(prefix, "duration"), "1s");
  }
  if (IsLongerThan(load["start_time"], absl::Milliseconds(200))) {
    overrides->Set(absl::StrCat(prefix, "start_time"), "200ms");
  }
  const YAML::Node stages = load["stages"];
  for (size_t i = 0; stages && i < stages.size(); ++i) {
    if (!IsLongerThan(stages[i]["duration"], absl::Milliseconds(500))) continue;
    overrides->Set(absl::StrCat(prefix, "stages.", i, ".duration"), "500ms");
  }
}

// What makes a plan short, keeps this machine's own lateness out of its verdict, and asks of the
// built-in target nothing but HTTP/1.1.
Overrides OverridesFor(const std::filesystem::path& plan) {
  Overrides overrides;
  overrides.Set("validity.max_lateness_p99", "1m");
  overrides.Set("validity.max_worker_cpu", "100%");
  const YAML::Node root = YAML::LoadFile(plan);
  Shorten(root, "", &overrides);
  for (const auto& scenario : root["scenarios"]) {
    Shorten(scenario.second, absl::StrCat("scenarios.", scenario.first.as<std::string>(), "."),
            &overrides);
  }
  overrides.Set("defaults.http.version", "auto");
  return overrides;
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
  const Overrides overrides = OverridesFor(GetParam());
  words.insert(words.end(), overrides.words().begin(), overrides.words().end());
  const Completed done = Loadctl(std::move(words), {{"TARGET", target.url()}});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  const nlohmann::json summary = ReadSummary(report);
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("verdict"), "passed") << summary.at("reasons");
  const nlohmann::json& requests = summary.at("requests");
  EXPECT_EQ(summary.at("outcomes").at("ok"), requests.at("started")) << summary.at("outcomes");
  EXPECT_EQ(requests.at("completed").get<uint64_t>() + requests.value("redirects", 0u) +
                RequestsOutsideOfTheLoad(GetParam()),
            target.Requests());
}

TEST(PlanExamples, AreAtLeastTwelve) {
  EXPECT_GE(Plans().size(), 12u);
}

INSTANTIATE_TEST_SUITE_P(Configs, PlanExample, testing::ValuesIn(Plans()), TestName);

}  // namespace
}  // namespace loadfleet
