// What a real browser has recorded becomes a plan, and the plan does again what the browser did.
//
// tests/golden/imports/chromium.har is such a recording; ./dev record makes it anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "tests/integration/browsed_site.h"
#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"

namespace loadfleet {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

// One request each, but for what the browser had in its cache, what no plan can hold (a form with a
// file, a WebSocket), and what it gave up.
const auto kReplayed = UnorderedElementsAre(
    Pair("GET /", 1), Pair("GET /shop.css", 1), Pair("GET /teapot.gif", 1), Pair("GET /shop.js", 1),
    Pair("GET /items", 2), Pair("POST /orders", 1), Pair("POST /search", 1), Pair("GET /old", 1),
    Pair("GET /new", 1), Pair("DELETE /items/1", 1), Pair("GET /thanks", 1),
    Pair("GET /nowhere.gif", 1));

// Imports the recording and runs its plan once against a site of its own.
void ExpectReplays(const std::string& recording) {
  TemporaryDirectory directory;
  const std::string plan = directory.path() / "plan.yaml";
  const std::string report = directory.path() / "report.json";
  const Completed imported = Loadctl({"import", "har", recording, "--out", plan});
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  const Completed validated = Loadctl({"validate", plan});
  ASSERT_EQ(validated.exit_code, 0) << validated.err;

  BrowsedSite site;
  const Completed done =
      Loadctl({"run", plan, "--quiet", "--out", report, "--set",
               absl::StrCat("target=", site.url()), "--set",
               "scenarios.imported={executor: per-vu-iterations, flow: imported, vus: 1, "
               "iterations: 1}",
               "--set", "validity.max_lateness_p99=1m", "--set", "validity.max_worker_cpu=100%"});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  const nlohmann::json summary = ReadSummary(report);
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("outcomes").at("ok"), summary.at("requests").at("started"))
      << summary.at("outcomes");
  EXPECT_THAT(site.requests(), kReplayed);
}

TEST(Recording, ThatIsKeptReplays) {
  ExpectReplays(RECORDING);
}

// Where Chromium is installed; it is large, and nothing else here needs it.
TEST(Recording, OfThisChromiumReplays) {
  if (std::system("command -v chromium >/dev/null && command -v python3 >/dev/null") != 0) {
    GTEST_SKIP() << "chromium or python3 is not installed: ./dev record does that";
  }
  TemporaryDirectory directory;
  // ./dev record keeps it.
  const char* kept = std::getenv("LOADFLEET_RECORD_TO");
  const std::string recording = kept != nullptr ? kept : directory.path() / "new.har";
  BrowsedSite site;
  const Completed recorded =
      RunToEnd({{RECORD_HAR, absl::StrCat(site.url(), "/"), recording}, {}}, kPatience);
  ASSERT_EQ(recorded.exit_code, 0) << recorded.err;
  ExpectReplays(recording);
}

}  // namespace
}  // namespace loadfleet
