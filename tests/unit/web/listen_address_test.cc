#include "common/net/listen_address.h"

#include <gmock/gmock.h>

namespace loadfleet {
namespace {

using ::testing::HasSubstr;

TEST(ListenAddress, IsReadInEveryFormThatPeopleType) {
  EXPECT_EQ(ParseListenAddress("127.0.0.1:7070")->ToString(), "127.0.0.1:7070");
  EXPECT_EQ(ParseListenAddress("localhost:0")->ToString(), "127.0.0.1:0");
  EXPECT_EQ(ParseListenAddress(":7070")->ToString(), "0.0.0.0:7070");
  EXPECT_EQ(ParseListenAddress("[::1]:7070")->ToString(), "[::1]:7070");
}

TEST(ListenAddress, IsRefusedWhenItIsNone) {
  for (const char* text :
       {"", "7070", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:-1", "127.0.0.1:+1",
        "127.0.0.1: 1", "127.0.0.1:65536", "127.0.0.1:99999999999", "::1:7070", "[::1]", "[]:1",
        "127.1:80", "example.test:80"}) {
    EXPECT_EQ(ParseListenAddress(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ListenAddress, ExplainsWhatItWants) {
  EXPECT_THAT(std::string(ParseListenAddress("::1:7070").status().message()),
              HasSubstr("brackets"));
  EXPECT_THAT(std::string(ParseListenAddress("master:7070").status().message()),
              HasSubstr("not another name"));
}

TEST(ListenAddress, KnowsLoopback) {
  EXPECT_TRUE(ParseListenAddress("127.200.3.4:1")->IsLoopback());
  EXPECT_TRUE(ParseListenAddress("[::1]:1")->IsLoopback());
  EXPECT_FALSE(ParseListenAddress("0.0.0.0:1")->IsLoopback());
  EXPECT_FALSE(ParseListenAddress("10.0.0.1:1")->IsLoopback());
  EXPECT_FALSE(ParseListenAddress("[::]:1")->IsLoopback());
}

TEST(ListenAddress, BeyondLoopbackIsTheOperatorsDecision) {
  EXPECT_TRUE(AllowedListenAddress("127.0.0.1:1", false).ok());
  EXPECT_TRUE(AllowedListenAddress("0.0.0.0:1", true).ok());
  const absl::Status refused = AllowedListenAddress(":1", false).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--insecure-listen"));
}

TEST(HostPort, KeepsNamesForWhoeverResolvesThem) {
  EXPECT_EQ(ParseHostPort("master.internal:7070")->host, "master.internal");
  EXPECT_EQ(ParseHostPort("master.internal:7070")->port, 7070);
}

}  // namespace
}  // namespace loadfleet
