#include "loadctl/plan_source/plan_flags.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/plan/compile.h"

namespace loadfleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// What a command line makes of the plan's tree: "rate=5000 (--rate)".
std::vector<std::string> Overrides(const v1::PlanSource& source) {
  std::vector<std::string> lines;
  for (const v1::Override& change : source.overrides()) {
    lines.push_back(absl::StrCat(absl::StrJoin(change.path(), "."), "=", change.value(), " (",
                                 change.origin(), ")"));
  }
  return lines;
}

std::optional<std::string> NoEnvironment(const std::string&) {
  return std::nullopt;
}

// INVALID_ARGUMENT also for what CLI11 refuses.
absl::StatusOr<v1::PlanSource> Parse(std::vector<std::string> arguments,
                                     const EnvironmentLookup& environment = NoEnvironment) {
  CLI::App app;
  PlanFlags flags;
  AddPlanFlags(&app, &flags);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants a vector
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  return ToPlanSource(flags, environment);
}

std::string ErrorOf(std::vector<std::string> arguments) {
  const absl::Status status = Parse(std::move(arguments)).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

TEST(PlanFlags, AUrlAloneIsTenUsersForTenSeconds) {
  const absl::StatusOr<v1::PlanSource> source = Parse({"--url", "http://127.0.0.1:8080/ping"});
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_THAT(Overrides(*source),
              ElementsAre("target=\"http://127.0.0.1:8080\" (--url)", "get=\"/ping\" (--url)",
                          "vus=10 (--vus)", "duration=10s (--duration)"));
  EXPECT_EQ(source->text(), "");
}

TEST(PlanFlags, EveryFlagSetsItsKey) {
  const absl::StatusOr<v1::PlanSource> source = Parse({"--url",         "127.0.0.1:8080?q=1#top",
                                                       "--rate",        "5000/s",
                                                       "--duration",    "1m",
                                                       "--method",      "put",
                                                       "--header",      "X-One: a: b",
                                                       "--header",      "X-Two:c",
                                                       "--body",        "{\"a\": 1}",
                                                       "--http",        "1.1",
                                                       "--connections", "64",
                                                       "--name",        "try",
                                                       "--label",       "git=ab=c"});
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_THAT(Overrides(*source),
              ElementsAre("target=\"http://127.0.0.1:8080\" (--url)", "put=\"/?q=1\" (--url)",
                          "rate=5000/s (--rate)", "duration=1m (--duration)",
                          "defaults.http.headers.X-One=\"a: b\" (--header X-One)",
                          "defaults.http.headers.X-Two=\"c\" (--header X-Two)",
                          "body=\"{\\\"a\\\": 1}\" (--body)", "defaults.http.version=1.1 (--http)",
                          "defaults.http.connections.max=64 (--connections)",
                          "name=\"try\" (--name)", "labels.git=\"ab=c\" (--label git)"));
}

TEST(PlanFlags, ABodyAloneIsPosted) {
  const absl::StatusOr<v1::PlanSource> source =
      Parse({"--url", "http://127.0.0.1:8080/echo", "--body", "x"});
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_THAT(Overrides(*source), Contains("post=\"/echo\" (--url)"));
}

TEST(PlanFlags, SetHasTheLastWordInYamlsOwnSyntax) {
  const absl::StatusOr<v1::PlanSource> source =
      Parse({"--url", "http://127.0.0.1:8080/", "--set", "defaults.http.timeouts.total=2s", "--set",
             "labels={a: b}"});
  ASSERT_TRUE(source.ok()) << source.status();
  const std::vector<std::string> overrides = Overrides(*source);
  EXPECT_EQ(overrides[overrides.size() - 2],
            "defaults.http.timeouts.total=2s (--set defaults.http.timeouts.total)");
  EXPECT_EQ(overrides.back(), "labels={a: b} (--set labels)");
}

TEST(PlanFlags, RepeatableFlagsDoNotSwallowThePlan) {
  EXPECT_THAT(ErrorOf({"--label", "a=b", "/nowhere/plan.yaml"}),
              "cannot read /nowhere/plan.yaml: No such file or directory");
}

TEST(PlanFlags, WhatIsMadeOfAUrlIsAPlanThatCompiles) {
  const absl::StatusOr<v1::PlanSource> source =
      Parse({"--url", "http://127.0.0.1:8080/echo", "--rate", "100", "--duration", "2s", "--body",
             "x: y", "--header", "Accept: */*", "--http", "1.1", "--connections", "8"});
  ASSERT_TRUE(source.ok()) << source.status();
  const CompiledPlan compiled = CompilePlan(*source);
  for (const v1::Problem& problem : compiled.problems) ADD_FAILURE() << FormatProblem(problem);
  ASSERT_EQ(compiled.plan.flows_size(), 1);
  const v1::Request& request = compiled.plan.flows(0).steps(0).request();
  EXPECT_EQ(request.method(), "POST");
  EXPECT_EQ(request.target(), "/echo");
  EXPECT_EQ(request.body(), "x: y");
  EXPECT_EQ(request.version(), v1::HTTP_VERSION_1_1);
  EXPECT_EQ(compiled.plan.connections().max(), 8u);
}

TEST(PlanFlags, OnlyTheEnvironmentThatThePlanAsksForTravels) {
  const std::string path = testing::TempDir() + "loadctl_plan.yaml";
  std::ofstream(path) << "target: ${TARGET}\nget: /ping\nrate: ${RATE:-10/s}\nduration: 1s\n";
  const std::map<std::string, std::string> shell = {{"TARGET", "http://127.0.0.1:1"},
                                                    {"SECRET", "x"}};
  const absl::StatusOr<v1::PlanSource> source =
      Parse({path}, [&](const std::string& name) -> std::optional<std::string> {
        const auto found = shell.find(name);
        if (found == shell.end()) return std::nullopt;
        return found->second;
      });
  std::remove(path.c_str());
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ(source->name(), path);
  EXPECT_THAT(source->environment(), ElementsAre(Pair("TARGET", "http://127.0.0.1:1")));
  EXPECT_THAT(CompilePlan(*source).problems, IsEmpty());
}

TEST(PlanFlags, CommandLinesThatMakeNoSenseAreRefused) {
  const std::string url = "http://127.0.0.1:8080";
  EXPECT_THAT(ErrorOf({}), HasSubstr("PLAN or --url"));
  EXPECT_THAT(ErrorOf({"plan.yaml", "--url", url}), HasSubstr("excludes"));
  EXPECT_THAT(ErrorOf({"plan.yaml", "--rate", "5"}), HasSubstr("--url"));
  EXPECT_THAT(ErrorOf({"--url", url, "--rate", "5", "--vus", "5"}), HasSubstr("excludes"));
  EXPECT_THAT(ErrorOf({"--url", url, "--http", "3"}), "--http 3: 1.1, 2, h2c or auto");
  EXPECT_THAT(ErrorOf({"--url", url, "--method", "TRACE"}), HasSubstr("--method TRACE: one of"));
  EXPECT_THAT(ErrorOf({"--url", url, "--header", "nonsense"}), HasSubstr("'Name: value'"));
  EXPECT_THAT(ErrorOf({"--url", url, "--header", "A: 1", "--header", "a: 2"}),
              "--header a: given twice");
  EXPECT_THAT(ErrorOf({"--url", url, "--label", "x"}), "--label x: it must be key=value");
  EXPECT_THAT(ErrorOf({"--url", url, "--set", "=x"}), "--set =x: it must be key=value");
}

}  // namespace
}  // namespace loadfleet
