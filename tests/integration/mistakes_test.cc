// What people get wrong: one clear text, the right exit code, never a trace.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster.h"
#include "tests/integration/summary.h"
#include "tests/support/ports.h"

namespace loadfleet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

int64_t Lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

constexpr char kWrongPlan[] =
    "target: http://127.0.0.1:8080\n"
    "get: /ping\n"
    "rat: 100/s\n"
    "duration: soon\n";

TEST(Mistakes, InAPlanAreAllGivenWithTheirPlaces) {
  TemporaryDirectory directory;
  const std::string plan = directory.Write("wrong.yaml", kWrongPlan);
  const Completed done = Loadctl({"validate", plan});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.err, AllOf(ContainsRegex("wrong.yaml:3:1: .*rate"), HasSubstr("wrong.yaml:4:")));
}

TEST(Mistakes, InAPlanAreToldAlikeByTheMaster) {
  Cluster cluster(1);
  const std::string plan = cluster.Write("wrong.yaml", kWrongPlan);
  const Completed submitted = cluster.Loadctl({"submit", plan, "--quiet"});
  EXPECT_EQ(submitted.exit_code, 2);
  EXPECT_EQ(submitted.err, Loadctl({"validate", plan}).err);
  EXPECT_EQ(cluster.target().Requests(), 0);
}

TEST(Mistakes, AMissingPlanIsNamed) {
  const Completed done = Loadctl({"validate", "/nonexistent/plan.yaml"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.err, HasSubstr("/nonexistent/plan.yaml"));
}

TEST(Mistakes, AnUnknownFlagIsAUsageError) {
  EXPECT_EQ(Loadctl({"run", "--url", "http://127.0.0.1:1/", "--no-such-flag"}).exit_code, 2);
  EXPECT_EQ(RunToEnd({{LoadmasterPath(), "--no-such-flag"}, {}}, kPatience).exit_code, 2);
  EXPECT_EQ(RunToEnd({{LoadagentPath(), "--no-such-flag"}, {}}, kPatience).exit_code, 2);
}

TEST(Mistakes, AnUnreachableMasterIsNamedInOneLine) {
  const std::string nobody = absl::StrCat("127.0.0.1:", UnusedPort());
  const Completed done = Loadctl({"--master", nobody, "agents"});
  EXPECT_EQ(done.exit_code, 5);
  EXPECT_THAT(done.err, HasSubstr(nobody));
  EXPECT_EQ(Lines(done.err), 1) << done.err;
}

TEST(Mistakes, APortInUseEndsAMaster) {
  const TakenPort taken;
  const std::string address = absl::StrCat("127.0.0.1:", taken.port());
  TemporaryDirectory directory;
  const Completed grpc = RunToEnd({{LoadmasterPath(), "--listen", address, "--http", "127.0.0.1:0",
                                    "--data", directory.path() / "data"},
                                   {}},
                                  kPatience);
  EXPECT_EQ(grpc.exit_code, 5);
  EXPECT_THAT(grpc.err, AllOf(HasSubstr(address), HasSubstr("in use")));

  const Completed http = RunToEnd({{LoadmasterPath(), "--listen", "127.0.0.1:0", "--http", address,
                                    "--data", directory.path() / "data"},
                                   {}},
                                  kPatience);
  EXPECT_EQ(http.exit_code, 5);
  EXPECT_THAT(http.err, AllOf(HasSubstr(address), HasSubstr("in use")));
}

TEST(Mistakes, APortInUseEndsAnAgentAndATarget) {
  const TakenPort taken;
  const std::string address = absl::StrCat("127.0.0.1:", taken.port());
  const Completed agent = RunToEnd(
      {{LoadagentPath(), "--master", "127.0.0.1:1", "--name", "a1", "--http", address}, {}},
      kPatience);
  EXPECT_EQ(agent.exit_code, 5);
  EXPECT_THAT(agent.err, AllOf(HasSubstr(address), HasSubstr("in use")));

  const Completed target = Loadctl({"target", "--port", absl::StrCat(taken.port())});
  EXPECT_EQ(target.exit_code, 5);
  EXPECT_THAT(target.err, AllOf(HasSubstr(address), HasSubstr("in use")));
}

TEST(Mistakes, DaemonsDoNotListenToTheWorldUnasked) {
  TemporaryDirectory directory;
  const Completed done = RunToEnd({{LoadmasterPath(), "--listen", "0.0.0.0:0", "--http",
                                    "127.0.0.1:0", "--data", directory.path() / "data"},
                                   {}},
                                  kPatience);
  EXPECT_EQ(done.exit_code, 5);
  EXPECT_THAT(done.err, HasSubstr("--insecure-listen"));
}

TEST(Mistakes, ATargetThatIsDownFailsTheRunAndEveryRequestIsCounted) {
  Cluster cluster;
  const std::string plan = cluster.Write(
      "plan.yaml", absl::StrCat("target: http://127.0.0.1:", UnusedPort(),
                                "\nget: /ping\nrate: 100/s\nduration: 1s\n"
                                "validity: {max_lateness_p99: 1m, max_worker_cpu: 100%}\n"));
  const Completed done =
      cluster.Loadctl({"submit", plan, "--quiet", "--out", cluster.Path("report.json")});
  EXPECT_EQ(done.exit_code, 99) << done.out << done.err;

  const json summary = ReadSummary(cluster.Path("report.json"));
  ExpectAccountedFor(summary);
  EXPECT_EQ(summary.at("verdict"), "failed");
  EXPECT_EQ(summary.at("requests").at("intended"), 100);
  EXPECT_EQ(summary.at("requests").at("completed"), 0);
  EXPECT_EQ(summary.at("requests").at("failed"), summary.at("requests").at("started"));
}

TEST(Mistakes, APlanForMoreAgentsThanThereAreIsRefused) {
  Cluster cluster(1);
  const std::string plan =
      cluster.Write("plan.yaml", Plan("agents: {min: 2}\nrate: 100/s\nduration: 1s\n"));
  const Completed done = cluster.Loadctl({"submit", plan, "--quiet"});
  EXPECT_EQ(done.exit_code, 5) << done.out;
  EXPECT_THAT(done.err, HasSubstr("agents"));
  EXPECT_EQ(cluster.target().Requests(), 0);
}

}  // namespace
}  // namespace loadfleet
