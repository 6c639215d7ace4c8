// What a Prometheus server sees: well-formed pages on both daemons, and a run's own numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/ports.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr char kPrometheus[] = "/usr/bin/prometheus";
constexpr char kPromtool[] = "/usr/bin/promtool";

// What promtool finds wrong with a page; empty: nothing.
std::string Faults(const TemporaryDirectory& directory, const std::string& page) {
  const std::string file = directory.Write("metrics.txt", page);
  const Completed done =
      RunToEnd({{"/bin/sh", "-c", R"("$0" check metrics <"$1")", kPromtool, file}, {}}, kPatience);
  return done.exit_code == 0 ? "" : absl::StrCat("promtool: ", done.out, done.err);
}

void RunOnce(Cluster& cluster) {
  const std::string plan = cluster.Write("plan.yaml", Plan("rate: 200/s\nduration: 2s\n"));
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
}

class Monitoring : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kPrometheus)) GTEST_SKIP() << kPrometheus << " is not installed";
  }
};

TEST_F(Monitoring, PagesOfMasterAndAgentsAreWellFormedBeforeAndAfterARun) {
  Cluster cluster;
  TemporaryDirectory directory;
  const auto check = [&](const std::string& when) {
    for (const int port : {cluster.master().http_port(), cluster.agent(0).http_port()}) {
      const auto page = HttpGet(port, "/metrics");
      ASSERT_TRUE(page.ok()) << page.status();
      EXPECT_EQ(page->status, 200);
      EXPECT_THAT(page->head, HasSubstr("text/plain"));
      EXPECT_EQ(Faults(directory, page->body), "") << when;
    }
  };
  check("before");
  RunOnce(cluster);
  check("after");
}

// The value that a Prometheus server at `port` gives for an expression; nothing when it has none
// yet.
std::optional<double> Query(int port, const std::string& expression) {
  const auto answer = HttpGet(port, absl::StrCat("/api/v1/query?query=", expression));
  if (!answer.ok() || answer->status != 200) return std::nullopt;
  const json body = json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return std::nullopt;
  const json& result = body.at("data").at("result");
  if (result.empty()) return std::nullopt;
  return std::stod(result.at(0).at("value").at(1).get<std::string>());
}

TEST_F(Monitoring, APrometheusServerSeesARunAndItsAgents) {
  Cluster cluster;
  TemporaryDirectory directory;
  std::string targets = absl::StrCat("'127.0.0.1:", cluster.master().http_port(), "'");
  for (size_t i = 0; i < cluster.agents(); ++i) {
    absl::StrAppend(&targets, ", '127.0.0.1:", cluster.agent(i).http_port(), "'");
  }
  const std::string config = directory.Write(
      "prometheus.yml", absl::StrCat("global: {scrape_interval: 1s}\nscrape_configs:\n"
                                     "  - job_name: loadfleet\n    static_configs: [{targets: [",
                                     targets, "]}]\n"));
  const int port = UnusedPort();
  Process prometheus({{kPrometheus, "--config.file=" + config,
                       "--storage.tsdb.path=" + (directory.path() / "tsdb").string(),
                       absl::StrCat("--web.listen-address=127.0.0.1:", port)},
                      {}});
  ASSERT_TRUE(Eventually([&] { return Query(port, "sum(up)") == 4.0; }, kPatience))
      << prometheus.err();

  RunOnce(cluster);
  const json summary = ReadSummary(cluster.Path("report.json"));
  const double completed = summary.at("requests").at("completed");
  EXPECT_TRUE(Eventually([&] { return Query(port, "sum(loadfleet_responses_total)") == completed; },
                         kPatience));
  EXPECT_EQ(Query(port, "sum(loadfleet_agent_up)"), 3.0);
}

}  // namespace
}  // namespace loadfleet
