#include "target/routes.h"

#include <string>
#include <tuple>

#include <gtest/gtest.h>

namespace loadfleet::target {
namespace {

using Fields = std::tuple<Route, int, uint64_t, Nanos>;

Fields Of(const std::string& target) {
  const Answer answer = RouteOf(target);
  return {answer.route, answer.status, answer.bytes, answer.over};
}

const Fields kNotFound = {Route::kOther, 404, 0, 0};

TEST(Routes, EachPathHasItsAnswer) {
  EXPECT_EQ(Of("/ping"), Fields(Route::kPing, 200, 0, 0));
  EXPECT_EQ(Of("/status/503"), Fields(Route::kStatus, 503, 0, 0));
  EXPECT_EQ(Of("/bytes/4096"), Fields(Route::kBytes, 200, 4096, 0));
  EXPECT_EQ(Of("/delay/25"), Fields(Route::kDelay, 200, 0, 25 * kMillisecond));
  EXPECT_EQ(Of("/echo"), Fields(Route::kEcho, 200, 0, 0));
  EXPECT_EQ(Of("/drip?bytes=100&ms=500"), Fields(Route::kDrip, 200, 100, 500 * kMillisecond));
  EXPECT_EQ(Of("/stats"), Fields(Route::kStats, 200, 0, 0));
  EXPECT_EQ(Of("/gzip"), Fields(Route::kGzip, 200, 0, 0));
  EXPECT_EQ(Of("/"), kNotFound);
}

TEST(Routes, CookiesAndRedirectsAreWhatTheQuerySays) {
  EXPECT_EQ(Of("/cookie"), Fields(Route::kCookie, 200, 0, 0));
  EXPECT_EQ(RouteOf("/cookie?sid=1;Path=/").text, "sid=1;Path=/");
  EXPECT_EQ(Of("/redirect?to=/ping"), Fields(Route::kRedirect, 302, 0, 0));
  EXPECT_EQ(RouteOf("/redirect?to=http://a/?b=c").text, "http://a/?b=c");
  EXPECT_EQ(Of("/redirect"), kNotFound);
  EXPECT_EQ(Of("/redirect?to="), kNotFound);
}

TEST(Routes, AQueryChangesNothingWhereNoneIsAskedFor) {
  EXPECT_EQ(Of("/ping?x=1"), Of("/ping"));
  EXPECT_EQ(Of("/bytes/7?"), Of("/bytes/7"));
}

TEST(Routes, TheAbsoluteFormIsTheSamePath) {
  EXPECT_EQ(Of("http://127.0.0.1:8080/status/204"), Of("/status/204"));
  EXPECT_EQ(Of("http://127.0.0.1:8080"), kNotFound);
}

TEST(Routes, DripHasDefaults) {
  EXPECT_EQ(Of("/drip"), Fields(Route::kDrip, 200, 10, kSecond));
  EXPECT_EQ(Of("/drip?ms=0"), Fields(Route::kDrip, 200, 10, 0));
}

TEST(Routes, AnythingThatIsNoNumberWithinItsLimitIsNotFound) {
  for (const char* target : {"/status/",
                             "/status/199",
                             "/status/600",
                             "/status/+200",
                             "/status/ 200",
                             "/status/0x1",
                             "/bytes/",
                             "/bytes/-1",
                             "/bytes/1073741825",
                             "/bytes/99999999999999999999",
                             "/delay/1.5",
                             "/delay/3600001",
                             "/drip?bytes=0",
                             "/drip?bytes=1048577",
                             "/drip?ms=",
                             "/drip?speed=1",
                             "/pingpong",
                             "/Ping",
                             "",
                             "*"}) {
    EXPECT_EQ(Of(target), kNotFound) << target;
  }
}

}  // namespace
}  // namespace loadfleet::target
