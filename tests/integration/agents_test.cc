// Who is in the fleet, as the master sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster.h"
#include "tests/support/eventually.h"
#include "tests/support/ports.h"

namespace loadfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Agents, AreListedByName) {
  Cluster cluster;
  const Completed done = cluster.Loadctl({"agents"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("a1"), HasSubstr("a2"), HasSubstr("a3")));
}

TEST(Agents, MayStartBeforeTheirMaster) {
  TemporaryDirectory directory;
  const int port = UnusedPort();
  const std::string address = absl::StrCat("127.0.0.1:", port);
  AgentProcess early("early", address);
  MasterProcess master(directory.path() / "data", port);
  EXPECT_TRUE(Eventually(
      [&] {
        const Completed list = Loadctl({"--master", address, "agents"});
        return list.exit_code == 0 && list.out.find("early") != list.out.npos;
      },
      kPatience));
}

TEST(Agents, OfOneNameAreOne) {
  Cluster cluster(1);
  Process second({{LoadagentPath(), "--master", cluster.master().address(), "--name", "a1",
                   "--http", "127.0.0.1:0"},
                  {}});
  // The master refuses it for as long as the first lives.
  EXPECT_TRUE(second.WaitForLine("a1", kPatience)) << second.err();
}

}  // namespace
}  // namespace loadfleet
