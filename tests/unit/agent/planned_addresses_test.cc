#include "agent/engine/planned_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PlannedAddress : public ::testing::Test {
 protected:
  std::vector<std::string> Of(const std::string& host) {
    auto addresses = PlannedAddresses(host, 8080, unix_socket_, dns_);
    EXPECT_TRUE(addresses.ok()) << addresses.status();
    std::vector<std::string> texts;
    for (const SocketAddress& address : *addresses) texts.push_back(address.ToString());
    return texts;
  }

  std::string unix_socket_;
  v1::DnsPolicy dns_;
};

TEST_F(PlannedAddress, ANameIsLeftToDns) {
  EXPECT_THAT(Of("shop.test"), IsEmpty());
}

TEST_F(PlannedAddress, AnAddressIsItself) {
  EXPECT_THAT(Of("10.0.0.7"), ElementsAre("10.0.0.7:8080"));
  EXPECT_THAT(Of("::1"), ElementsAre("[::1]:8080"));
}

TEST_F(PlannedAddress, WhatThePlanResolvesHasTheAddressesOfThePlanInItsOrder) {
  v1::HostAddresses& host = *dns_.add_hosts();
  host.set_host("shop.test");
  host.add_addresses("::1");
  host.add_addresses("10.0.0.7");
  EXPECT_THAT(Of("shop.test"), ElementsAre("[::1]:8080", "10.0.0.7:8080"));
  EXPECT_THAT(Of("other.test"), IsEmpty());
}

TEST_F(PlannedAddress, AUnixSocketStandsForEveryHost) {
  unix_socket_ = "/run/app.sock";
  EXPECT_THAT(Of("shop.test"), ElementsAre("unix:/run/app.sock"));
}

}  // namespace
}  // namespace loadfleet
