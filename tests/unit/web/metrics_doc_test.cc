// docs/metrics.md, the exporters and Prometheus' own checker must agree.
#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "absl/strings/str_join.h"
#include "agent/web/agent_metrics.h"
#include "common/web/metrics.h"
#include "master/web/exporter.h"
#include "tests/unit/web/sample_cluster.h"

namespace loadfleet {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

// A metric as one line: its type and its labels in order, "counter: run, scenario".
using Described = std::map<std::string, std::string>;

std::vector<MetricFamily> AllFamilies() {
  std::vector<MetricFamily> all = ClusterMetrics(SampleCluster());
  for (auto& family : AgentMetrics(AgentCondition())) all.push_back(std::move(family));
  for (auto& family : ProcessMetrics()) all.push_back(std::move(family));
  all.push_back(BuildInfo("test"));
  return all;
}

Described Exported() {
  Described described;
  for (const MetricFamily& family : AllFamilies()) {
    const char* type = family.type == MetricType::Counter     ? "counter"
                       : family.type == MetricType::Histogram ? "histogram"
                                                              : "gauge";
    const auto& labels = family.metric.at(0).label;
    described[family.name] = std::string(type) + ": " +
                             absl::StrJoin(labels, ", ", [](std::string* out, const auto& label) {
                               *out += label.name;
                             });
  }
  return described;
}

// Rows of the form | `name` | type | `label`, `label` | meaning | `query` |.
Described Documented() {
  std::ifstream file(LOADFLEET_SOURCE_DIR "/docs/metrics.md");
  const std::regex row(R"(\| `(\w+)` \| (\w+) \|([^|]*)\| [^|]+ \| `[^|]+` \|)");
  Described described;
  for (std::string line; std::getline(file, line);) {
    std::smatch cells;
    if (!std::regex_match(line, cells, row)) continue;
    const std::string labels = std::regex_replace(cells[3].str(), std::regex("`|^ +| +$"), "");
    EXPECT_TRUE(described.emplace(cells[1], cells[2].str() + ": " + labels).second)
        << cells[1] << " stands in docs/metrics.md twice";
  }
  return described;
}

TEST(MetricsReference, DescribesExactlyWhatIsExported) {
  EXPECT_EQ(Documented(), Exported());
}

TEST(Metrics, EachHasAHelpText) {
  for (const MetricFamily& family : AllFamilies()) EXPECT_FALSE(family.help.empty()) << family.name;
}

TEST(Metrics, NoNameIsExportedByBothPrograms) {
  std::set<std::string> masters;
  for (const MetricFamily& family : ClusterMetrics(ClusterSnapshot())) masters.insert(family.name);
  for (const MetricFamily& family : AgentMetrics(AgentCondition())) {
    EXPECT_EQ(masters.count(family.name), 0u) << family.name;
  }
}

TEST(Metrics, PassPrometheusOwnCheck) {
  if (system("command -v promtool >/dev/null") != 0) GTEST_SKIP() << "promtool is not installed";
  std::string path = testing::TempDir() + "loadfleet-metrics-XXXXXX";
  const int fd = mkstemp(path.data());
  ASSERT_GE(fd, 0);
  close(fd);
  std::ofstream(path) << MetricsPage(AllFamilies()).body;
  EXPECT_EQ(system(("promtool check metrics < " + path).c_str()), 0);
  unlink(path.c_str());
}

}  // namespace
}  // namespace loadfleet
