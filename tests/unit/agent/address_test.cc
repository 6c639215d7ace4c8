#include "agent/connection/address.h"

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

bool Allowed(const char* text, TargetScope scope) {
  return CheckTarget(*ParseIpAddress(text, 80), scope).ok();
}

TEST(CheckTarget, LoopbackAndPrivateRangesAreAllowedToEveryone) {
  for (const char* text : {"127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255",
                           "192.168.0.1", "100.64.0.1", "::1", "fd12::1", "::ffff:10.0.0.1"}) {
    EXPECT_TRUE(Allowed(text, TargetScope::kPrivate)) << text;
  }
}

TEST(CheckTarget, PublicAddressesOnlyToWhoeverIsTheMachine) {
  for (const char* text :
       {"1.1.1.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "2001:db8::1", "::ffff:8.8.8.8"}) {
    EXPECT_FALSE(Allowed(text, TargetScope::kPrivate)) << text;
    EXPECT_TRUE(Allowed(text, TargetScope::kAny)) << text;
  }
}

TEST(CheckTarget, LinkLocalAndMetadataServicesToNobody) {
  for (const char* text : {"169.254.169.254", "169.254.0.1", "100.100.100.200", "fe80::1",
                           "fd00:ec2::254", "::ffff:169.254.169.254"}) {
    EXPECT_FALSE(Allowed(text, TargetScope::kPrivate)) << text;
    EXPECT_FALSE(Allowed(text, TargetScope::kAny)) << text;
  }
}

TEST(CheckTarget, SocketsOfTheMachineOnlyToWhoeverIsTheMachine) {
  const SocketAddress address = *UnixAddress("/run/app.sock");
  EXPECT_TRUE(CheckTarget(address, TargetScope::kAny).ok());
  const absl::Status status = CheckTarget(address, TargetScope::kPrivate);
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_NE(status.message().find("unix:/run/app.sock"), std::string::npos) << status;
}

TEST(CheckReach, NeedsASourceOfTheFamilyWhenThereAreAny) {
  NetworkPolicy policy;
  const SocketAddress v4 = *ParseIpAddress("127.0.0.1", 80);
  const SocketAddress v6 = *ParseIpAddress("::1", 80);
  EXPECT_TRUE(CheckReach(v6, policy).ok());
  policy.sources = {*ParseIpAddress("127.0.0.2", 0)};
  EXPECT_TRUE(CheckReach(v4, policy).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckReach(v6, policy)));
}

TEST(ParseIpAddress, TakesAddressesAndNoNames) {
  EXPECT_EQ(ParseIpAddress("10.1.2.3", 80)->ToString(), "10.1.2.3:80");
  EXPECT_EQ(ParseIpAddress("::1", 443)->ToString(), "[::1]:443");
  for (const char* text : {"", "localhost", "10.1.2", "[::1]", "10.1.2.3:80"}) {
    EXPECT_FALSE(ParseIpAddress(text, 80).ok()) << text;
  }
}

TEST(UnixAddress, HasRoomFor107Bytes) {
  EXPECT_TRUE(UnixAddress(std::string(107, 'x')).ok());
  EXPECT_FALSE(UnixAddress(std::string(108, 'x')).ok());
  EXPECT_FALSE(UnixAddress("").ok());
}

}  // namespace
}  // namespace loadfleet
