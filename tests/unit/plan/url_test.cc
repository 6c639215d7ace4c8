#include "common/plan/url.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadfleet {
namespace {

using ::testing::HasSubstr;

TEST(Url, IsOriginAndTarget) {
  const struct {
    const char* text;
    const char* host;
    uint32_t port;
    const char* target;
  } cases[] = {
      {"http://localhost", "localhost", 80, "/"},
      {"http://localhost/", "localhost", 80, "/"},
      {"HTTP://Shop.Test:8080/Cart", "shop.test", 8080, "/Cart"},
      {"http://10.0.0.7:1/a?b=c&d=%20", "10.0.0.7", 1, "/a?b=c&d=%20"},
      {"http://[::1]:65535", "::1", 65535, "/"},
      {"http://[2001:db8::7]/x", "2001:db8::7", 80, "/x"},
      {"http://target_1?x=1", "target_1", 80, "/?x=1"},
  };
  for (const auto& c : cases) {
    const absl::StatusOr<Url> url = ParseUrl(c.text);
    ASSERT_TRUE(url.ok()) << c.text << ": " << url.status();
    EXPECT_EQ(url->origin.scheme(), v1::SCHEME_HTTP) << c.text;
    EXPECT_EQ(url->origin.host(), c.host) << c.text;
    EXPECT_EQ(url->origin.port(), c.port) << c.text;
    EXPECT_EQ(url->target, c.target) << c.text;
  }
}

TEST(Url, RefusesEverythingElse) {
  const struct {
    const char* text;
    const char* problem;
  } cases[] = {
      {"", "expected a URL"},
      {"localhost:8080", "expected a URL"},
      {"ftp://h/", "expected a URL"},
      {"http://", "host name"},
      {"http:///x", "host name"},
      {"http://a..b", "host name"},
      {"http://a b", "host name"},
      {"http://a\r\nb", "host name"},
      {"http://gr\xc3\xbc\xc3\x9f", "host name"},
      {"http://user:secret@h", "user information"},
      {"http://h:", "port"},
      {"http://h:0", "port"},
      {"http://h:65536", "port"},
      {"http://h:-1", "port"},
      {"http://h: 80", "port"},
      {"http://h:80:80", "port"},
      {"http://[::1", "IPv6"},
      {"http://[]", "IPv6"},
      {"http://[", "IPv6"},
      {"http://[fe80::1%eth0]", "IPv6"},
      {"http://[::1]x", "port"},
      {"http://h/#top", "fragment"},
      {"http://h/a b", "percent-encode"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(std::string(ParseUrl(c.text).status().message()), HasSubstr(c.problem)) << c.text;
  }
}

TEST(Url, HostsAreNoLongerThanDnsAllows) {
  EXPECT_TRUE(ParseUrl("http://" + std::string(253, 'a')).ok());
  EXPECT_FALSE(ParseUrl("http://" + std::string(254, 'a')).ok());
}

TEST(RequestTarget, IsLimited) {
  EXPECT_TRUE(CheckRequestTarget("/" + std::string(8191, 'a')).ok());
  EXPECT_EQ(CheckRequestTarget("/" + std::string(8192, 'a')).message(),
            "8193 bytes, the limit is 8192");
}

}  // namespace
}  // namespace loadfleet
