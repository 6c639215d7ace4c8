// Which cookies are kept, and to whom they go (RFC 6265).
#include "agent/http/cookie_jar.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "agent/http/cookie_date.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

const OriginName kShop = {false, "shop.test", 80};
const OriginName kSecureShop = {true, "shop.test", 443};

class Cookies : public ::testing::Test {
 protected:
  void Set(const std::string& line, const OriginName& origin = kShop,
           const std::string& target = "/") {
    jar_.Store(line, origin, target, {now_, wall_millis_});
  }
  std::string Sent(const std::string& target = "/", const OriginName& origin = kShop,
                   const std::string& own = "") {
    std::string out;
    jar_.AppendFor(origin, target, own, now_, &out);
    return out;
  }

  CookieJar jar_;
  Nanos now_ = 1'000 * kSecond;
  int64_t wall_millis_ = 784'111'777'000;  // Sun, 06 Nov 1994 08:49:37 GMT
};

TEST_F(Cookies, GoBackToWhoeverSetThem) {
  Set("sid=31d4d96e; HttpOnly");
  Set("lang=en\ntheme=\"dark\"");
  EXPECT_EQ(Sent(), "sid=31d4d96e; lang=en; theme=\"dark\"");
  EXPECT_EQ(Sent("/", {false, "other.test", 80}), "");
  EXPECT_EQ(Sent("/", {false, "www.shop.test", 80}), "")
      << "without Domain they are the host's alone";
  EXPECT_EQ(Sent("/", {false, "shop.test", 8080}), Sent()) << "ports make no difference";
}

TEST_F(Cookies, OfADomainGoToItsHosts) {
  Set("a=1; Domain=.Shop.test", {false, "www.shop.test", 80});
  EXPECT_EQ(Sent("/", {false, "www.shop.test", 80}), "a=1");
  EXPECT_EQ(Sent("/", {false, "api.eu.shop.test", 80}), "a=1");
  EXPECT_EQ(Sent(), "a=1");
  EXPECT_EQ(Sent("/", {false, "workshop.test", 80}), "");
}

TEST_F(Cookies, AreRefusedForADomainThatIsNotTheirs) {
  for (const char* domain : {"other.test", "www.shop.test", "test", "hop.test"}) {
    Set(absl::StrCat("a=1; Domain=", domain));
  }
  Set("b=1; Domain=0.0.1", {false, "127.0.0.1", 80});
  EXPECT_TRUE(jar_.empty());
}

TEST_F(Cookies, OfALocalNameOrAnAddressAreItsOwn) {
  Set("a=1; Domain=localhost", {false, "localhost", 80});
  Set("b=1; Domain=127.0.0.1", {false, "127.0.0.1", 80});
  EXPECT_EQ(Sent("/", {false, "localhost", 80}), "a=1");
  EXPECT_EQ(Sent("/", {false, "www.localhost", 80}), "");
  EXPECT_EQ(Sent("/", {false, "127.0.0.1", 80}), "b=1");
}

TEST_F(Cookies, GoToTheirPathTheLongestFirst) {
  Set("root=1; Path=/");
  Set("cart=1; Path=/shop/cart");
  Set("shop=1", kShop, "/shop/login?x=/y");
  Set("odd=1; Path=relative", kShop, "/shop/");
  EXPECT_EQ(Sent("/shop/cart?a"), "cart=1; shop=1; odd=1; root=1");
  EXPECT_EQ(Sent("/shop/cart/1"), "cart=1; shop=1; odd=1; root=1");
  EXPECT_EQ(Sent("/shop/carts"), "shop=1; odd=1; root=1");
  EXPECT_EQ(Sent("/shopping"), "root=1");
}

TEST_F(Cookies, ThatAreSecureGoOverTlsOnly) {
  Set("a=1; Secure", kSecureShop);
  EXPECT_EQ(Sent("/", kSecureShop), "a=1");
  EXPECT_EQ(Sent(), "");
}

TEST_F(Cookies, AreReplacedByTheirNameDomainAndPath) {
  Set("a=1");
  Set("b=1");
  Set("a=2");
  Set("a=3; Path=/x");
  EXPECT_EQ(Sent("/x"), "a=3; a=2; b=1");
  EXPECT_EQ(jar_.size(), 3u);
}

TEST_F(Cookies, EndWithTheirAge) {
  Set("a=1; Max-Age=10");
  Set("b=1; Expires=Sun, 06 Nov 1994 08:49:57 GMT");
  Set("c=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=30");
  Set("d=1; Expires=whenever; Max-Age=soon");
  EXPECT_EQ(Sent(), "a=1; b=1; c=1; d=1");
  now_ += 10 * kSecond;
  EXPECT_EQ(Sent(), "b=1; c=1; d=1");
  now_ += 10 * kSecond;
  EXPECT_EQ(Sent(), "c=1; d=1");
  now_ += 3'600 * kSecond;
  EXPECT_EQ(Sent(), "d=1");
}

TEST_F(Cookies, AreTakenBackByADateThatHasPassed) {
  Set("a=1\nb=1\nc=1");
  Set("a=; Max-Age=0");
  Set("b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  Set("c=; Max-Age=-1");
  EXPECT_TRUE(jar_.empty());
}

TEST_F(Cookies, ThatAreNoneArePassedOver) {
  Set("no equals sign");
  Set("=1");
  Set("");
  Set("; Path=/");
  Set("a=\x01");
  Set(absl::StrCat("a=", std::string(limits::kCookieBytes, 'x')));
  EXPECT_TRUE(jar_.empty());
  Set("a=");
  Set(" b = c d ; Secure=no");
  EXPECT_EQ(Sent("/", kSecureShop), "a=; b=c d");
}

TEST_F(Cookies, OfThePlanHaveTheLastWord) {
  Set("a=1\nb=1");
  EXPECT_EQ(Sent("/", kShop, "a=mine; c=3"), "b=1");
}

TEST_F(Cookies, AreBoundedInNumberAndTheOldestMakeRoom) {
  Set("short=1; Max-Age=1");
  for (size_t i = 1; i < limits::kCookies; ++i) Set(absl::StrCat("c", i, "=1"));
  now_ += kSecond;
  Set("first=1");
  EXPECT_EQ(jar_.size(), limits::kCookies) << "what is over goes first";
  Set("second=1");
  EXPECT_EQ(jar_.size(), limits::kCookies);
  EXPECT_EQ(Sent().find("c1="), std::string::npos);
  EXPECT_NE(Sent().find("c2="), std::string::npos);
}

TEST_F(Cookies, NeverMakeAHeaderThatServersRefuse) {
  for (int i = 0; i < 5; ++i) {
    Set(absl::StrCat("c", i, "=", std::string(limits::kCookieBytes - 10, 'x')));
  }
  EXPECT_LE(Sent().size(), limits::kHeaderBytes);
  EXPECT_NE(Sent(), "");
}

TEST(CookieDate, IsReadInEveryFormThatServersWrite) {
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "6 nov 1994 8:49:37", "Sun, 06-Nov-1994 08:49:37 UTC"}) {
    int64_t millis = 0;
    EXPECT_TRUE(ParseCookieDate(text, &millis)) << text;
    EXPECT_EQ(millis, 784'111'777'000) << text;
  }
}

TEST(CookieDate, IsNoneWithoutAllItsParts) {
  for (const char* text : {"", "yesterday", "06 Nov 1994", "08:49:37", "Nov 1994 08:49:37",
                           "31 Feb 1994 08:49:37", "06 Nov 1500 08:49:37", "06 Nov 1994 24:00:00",
                           "06 Nov 1994 08:60:00", "06 Foo 1994 08:49:37"}) {
    int64_t millis = 0;
    EXPECT_FALSE(ParseCookieDate(text, &millis)) << text;
  }
}

}  // namespace
}  // namespace loadfleet
