// The verbs that need neither a master nor a target, as one types them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/integration/cluster.h"

namespace loadfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(CommandLine, AnImportedPlanRuns) {
  TemporaryDirectory directory;
  const TargetProcess target;
  const std::string plan = directory.path() / "plan.yaml";
  const Completed imported = Loadctl({"import", "curl", "curl -d 'a=b c' " + target.url() + "/echo",
                                      "--rate", "20", "--duration", "1s", "--out", plan});
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_EQ(imported.out, "");
  const Completed run = Loadctl({"run", plan, "--quiet", "--set", "validity.max_lateness_p99=1h"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(target.Requests(), 20);
}

TEST(CommandLine, AnImportWritesOverNothingUnlessForced) {
  TemporaryDirectory directory;
  const std::string plan = directory.Write("plan.yaml", "mine\n");
  const std::string urls = directory.Write("urls.txt", "http://127.0.0.1:1/ping\n");
  const Completed refused = Loadctl({"import", "urls", urls, "--out", plan});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("the file exists; --force writes over it"));
  EXPECT_EQ(TextOf(plan), "mine\n");
  EXPECT_EQ(Loadctl({"import", "urls", urls, "--out", plan, "--force"}).exit_code, 0);
  EXPECT_THAT(TextOf(plan), HasSubstr("get: /ping\n"));
}

TEST(CommandLine, AnImportThatFailsLeavesNoFile) {
  TemporaryDirectory directory;
  const std::string plan = directory.path() / "plan.yaml";
  const Completed done = Loadctl({"import", "curl", "curl -T a http://a/", "--out", plan});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_EQ(done.err, "loadctl: curl -T: a plan cannot have this (--upload-file)\n");
  EXPECT_FALSE(std::filesystem::exists(plan));
}

TEST(CommandLine, ExplainSendsNothing) {
  const TargetProcess target;
  const Completed done = Loadctl({"explain", "--url", target.url() + "/ping", "--rate", "1000",
                                  "--duration", "1m", "--agents", "4"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out,
              AllOf(HasSubstr("60,000 at a rate"), HasSubstr("250.0/s"), Not(HasSubstr("\x1b"))));
  EXPECT_EQ(target.Requests(), 0);
}

TEST(CommandLine, ExplainRefusesFewerAgentsThanThePlanNeeds) {
  TemporaryDirectory directory;
  const std::string plan = directory.Write(
      "plan.yaml", "target: http://a\nget: /\nvus: 1\nduration: 1s\nagents: {min: 3}\n");
  const Completed done = Loadctl({"explain", plan, "--agents", "2"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_EQ(done.err, "loadctl: --agents 2: the plan starts only with 3 (agents.min)\n");
}

TEST(CommandLine, SchemaIsJson) {
  const Completed done = Loadctl({"schema"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out, HasSubstr("https://json-schema.org/draft/2020-12/schema"));
}

TEST(CommandLine, EveryVerbHasExamples) {
  for (const char* verb : {"run", "submit", "validate", "explain", "import", "schema", "watch",
                           "stop", "runs", "report", "agents", "target", "completion"}) {
    EXPECT_THAT(Loadctl({verb, "--help"}).out, HasSubstr("\nExamples:\n  loadctl ")) << verb;
  }
}

// What bash would offer for these words, the last one being typed.
std::string Offered(const std::string& words, int last) {
  const std::string script = Loadctl({"completion", "bash"}).out;
  return RunToEnd({{"bash", "-c",
                    script + "COMP_WORDS=(" + words + "); COMP_CWORD=" + std::to_string(last) +
                        "; _loadctl; echo \"${COMPREPLY[@]}\""},
                   {}},
                  kPatience)
      .out;
}

TEST(CommandLine, BashCompletesVerbsAndFlags) {
  EXPECT_EQ(Offered("loadctl val", 1), "validate\n");
  EXPECT_EQ(Offered("loadctl import ''", 2), "curl urls har openapi\n");
  EXPECT_EQ(Offered("loadctl import har --same", 3), "--same-origin\n");
  EXPECT_EQ(Offered("loadctl run --name import --dura", 4), "--duration\n");
  EXPECT_EQ(Offered("loadctl run pl", 2), "\n");  // a file's name is bash's own to complete
}

}  // namespace
}  // namespace loadfleet
