#include "agent/connection/target_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace loadfleet {
namespace {

using testing::HasSubstr;

std::unique_ptr<TargetRules> Rules(std::vector<std::string> allow,
                                   std::vector<HostPort> control_plane = {}) {
  TargetRules::Options options;
  options.allow = std::move(allow);
  options.control_plane = std::move(control_plane);
  auto rules = TargetRules::Create(options);
  EXPECT_TRUE(rules.ok()) << rules.status();
  (*rules)->Resolve();
  return *std::move(rules);
}

bool Allows(const TargetRules& rules, const char* address, uint16_t port = 80,
            TargetScope scope = TargetScope::kPrivate) {
  return rules.Check(*ParseIpAddress(address, port), scope).ok();
}

TEST(TargetRules, WithoutEntriesAreWhatTheScopeSays) {
  const auto rules = Rules({});
  EXPECT_TRUE(Allows(*rules, "10.1.2.3"));
  EXPECT_FALSE(Allows(*rules, "203.0.113.7"));
  EXPECT_TRUE(Allows(*rules, "203.0.113.7", 80, TargetScope::kAny));
}

TEST(TargetRules, AllowNetworksAndNothingBeside) {
  const auto rules = Rules({"203.0.112.0/23", "2001:db8::/33"});
  EXPECT_TRUE(Allows(*rules, "203.0.112.0"));
  EXPECT_TRUE(Allows(*rules, "203.0.113.255"));
  EXPECT_FALSE(Allows(*rules, "203.0.114.0"));
  EXPECT_TRUE(Allows(*rules, "2001:db8:7fff::1"));
  EXPECT_FALSE(Allows(*rules, "2001:db8:8000::1"));
  EXPECT_FALSE(Allows(*rules, "127.0.0.1"));  // a list is the whole list
  EXPECT_FALSE(Allows(*rules, "127.0.0.1", 80, TargetScope::kAny));
  EXPECT_TRUE(Allows(*rules, "::ffff:203.0.113.7"));  // the same host in other words
}

TEST(TargetRules, AllowThePortsThatTheyName) {
  const auto rules = Rules({"10.0.0.0/8:8000-8010", "[fd00::/8]:443", "192.168.0.1:80"});
  EXPECT_FALSE(Allows(*rules, "10.1.1.1", 7999));
  EXPECT_TRUE(Allows(*rules, "10.1.1.1", 8000));
  EXPECT_TRUE(Allows(*rules, "10.1.1.1", 8010));
  EXPECT_FALSE(Allows(*rules, "10.1.1.1", 8011));
  EXPECT_TRUE(Allows(*rules, "fd00::1", 443));
  EXPECT_FALSE(Allows(*rules, "fd00::1", 80));
  EXPECT_TRUE(Allows(*rules, "192.168.0.1", 80));
  EXPECT_FALSE(Allows(*rules, "192.168.0.2", 80));
}

TEST(TargetRules, NeedAnExactEntryForMetadataServices) {
  const auto wide = Rules({"0.0.0.0/0", "169.254.0.0/16"});
  EXPECT_TRUE(Allows(*wide, "203.0.113.7"));
  EXPECT_FALSE(Allows(*wide, "169.254.169.254"));
  const auto exact = Rules({"169.254.169.254"});
  EXPECT_TRUE(Allows(*exact, "169.254.169.254"));
  EXPECT_FALSE(Allows(*exact, "169.254.169.253"));
}

TEST(TargetRules, KeepTheLoadFromTheControlPlane) {
  const auto rules = Rules({"127.0.0.0/8"}, {{"127.0.0.1", 7070}});
  const absl::Status status =
      rules->Check(*ParseIpAddress("127.0.0.1", 7070), TargetScope::kPrivate);
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("loadfleet itself listens"));
  EXPECT_TRUE(Allows(*rules, "127.0.0.1", 7071));
  EXPECT_FALSE(Allows(*rules, "::ffff:127.0.0.1", 7070));
  EXPECT_FALSE(Allows(*Rules({}, {{"localhost", 7070}}), "127.0.0.1", 7070));
  EXPECT_FALSE(Allows(*Rules({"127.0.0.1"}, {{"127.0.0.1", 7070}}), "127.0.0.1", 7070));
  EXPECT_TRUE(Allows(*Rules({"127.0.0.1:7070"}, {{"127.0.0.1", 7070}}), "127.0.0.1", 7070));
}

TEST(TargetRules, TakeNamesForTheAddressesThatTheyHave) {
  TargetRules::Options options;
  options.allow = {"localhost:8080"};
  const auto rules = TargetRules::Create(options);
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_FALSE(Allows(**rules, "127.0.0.1", 8080));  // nobody has looked yet
  (*rules)->Resolve();
  EXPECT_TRUE(Allows(**rules, "127.0.0.1", 8080));
  EXPECT_FALSE(Allows(**rules, "127.0.0.1", 8081));
  EXPECT_FALSE(Allows(**rules, "127.0.0.2", 8080));
}

TEST(TargetRules, AreRefusedWhenTheyAreNone) {
  for (const char* entry :
       {"", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8:", "*.test", "a b",
        "shop.test/8", "shop.test:0", "shop.test:99999", "shop.test:9-8", "[::1", "[::1]80",
        "http://shop.test", "shop.test:http"}) {
    TargetRules::Options options;
    options.allow = {entry};
    const absl::Status status = TargetRules::Create(options).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << entry;
    EXPECT_THAT(std::string(status.message()), HasSubstr("allow: ")) << entry;
  }
}

}  // namespace
}  // namespace loadfleet
