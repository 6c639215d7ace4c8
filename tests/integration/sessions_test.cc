// A user's session through whole processes: what plan, agent and report make of cookies, redirects,
// compressed answers, uploads and hosts that only the plan knows.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"

namespace loadfleet {
namespace {

constexpr char kSession[] = R"(
target: http://shop.example.test
resolve: {shop.example.test: 127.0.0.1}
validity: {max_lateness_p99: 1m, max_worker_cpu: 100%}
defaults: {http: {redirects: 3}}
scenarios:
  main: {executor: per-vu-iterations, flow: visit, vus: 4, iterations: 5}
flows:
  visit:
    steps:
      - {request: login, post: "/cookie?sid=vu-{{ vu }};Path=/"}
      - request: home
        get: /redirect?to=/redirect?to=/cookie
        expect: {status: 200, body_matches: "^sid=vu-[1-4]$"}
      - request: catalogue
        get: /gzip
        decompress: true
        expect: {json: {$.gzipped: true}}
      - request: upload
        post: /echo
        multipart: [{name: title, text: "{{ vu }}"}, {name: photo, file: cat.png}]
        expect: {body_contains: "Content-Type: image/png\r\n\r\nnot really a cat\r\n"}
        capture: {next: {regex: nothing, optional: true}}
)";

TEST(Sessions, AreWhatThePlanSaysAndTheReportCounts) {
  Cluster cluster(2);
  cluster.Write("cat.png", "not really a cat");
  const std::string plan = cluster.Write("plan.yaml", kSession);
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json"), "--set",
                       absl::StrCat("target=http://shop.example.test:", cluster.target().port())});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  const nlohmann::json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("requests").at("completed"), 80);
  EXPECT_EQ(summary.at("requests").at("redirects"), 40) << "two for each of 20 iterations";
  EXPECT_EQ(summary.at("checks").at("failed"), 0);
  EXPECT_EQ(cluster.target().Requests(), 120);
}

TEST(Sessions, AnEncodedBodyThatIsCheckedWithoutDecompressFailsTheCheck) {
  TargetProcess target;
  TemporaryDirectory directory;
  const std::string plan = directory.Write(
      "plan.yaml", absl::StrCat("target: ", target.url(), "\nget: /gzip\nvus: 1\nduration: 1s\n",
                                "expect: {body_contains: gzipped}\n"));
  const std::string report = directory.path() / "report.json";
  Loadctl({"run", plan, "--quiet", "--out", report, "--set", "validity.max_lateness_p99=1m"});
  const nlohmann::json summary = ReadSummary(report);
  EXPECT_EQ(summary.at("checks").at("passed"), 0);
  EXPECT_EQ(summary.at("checks").at("failed"), summary.at("requests").at("completed"));
}

}  // namespace
}  // namespace loadfleet
