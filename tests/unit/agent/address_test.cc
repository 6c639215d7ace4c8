#include "agent/connection/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

SocketAddress Address(const char* text) {
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    address.length = sizeof *v4;
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text, &v6->sin6_addr), 1) << text;
    v6->sin6_family = AF_INET6;
    address.length = sizeof *v6;
  }
  return address;
}

bool Allowed(const char* text, TargetScope scope) {
  return CheckTarget(Address(text), scope).ok();
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

}  // namespace
}  // namespace loadfleet
