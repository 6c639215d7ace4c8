#include "target/request_parser.h"

#include <string>
#include <string_view>
#include <vector>

#include "common/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadfleet::target {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Event = RequestParser::Event;

struct Seen {
  Event event;
  Route route;
  std::string method;
  std::string body;

  bool operator==(const Seen&) const = default;
};

// Feeds `bytes` in pieces of `piece` until the first event after which no more may be fed.
std::vector<Seen> Parse(std::string_view bytes, size_t piece) {
  RequestParser parser;
  std::vector<Seen> seen;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view rest = bytes.substr(at, piece);
    while (!rest.empty()) {
      const Event event = parser.Feed(&rest);
      if (event == Event::kNeedsMore) break;
      const bool whole = event == Event::kRequest;
      seen.push_back({event, whole ? parser.answer().route : Route::kOther,
                      whole ? std::string(parser.method()) : "", whole ? parser.body() : ""});
      if (!whole && event != Event::kContinue) return seen;
    }
  }
  return seen;
}

TEST(RequestParser, GivesTheSameRequestsWhereverTheBytesAreCut) {
  constexpr std::string_view kBytes =
      "GET /ping HTTP/1.1\r\nHost: t\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhello"
      "PUT /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n"
      "POST /status/201 HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nxyz"
      "HEAD /bytes/9 HTTP/1.1\r\nHost: t\r\n\r\n";
  const std::vector<Seen> whole = Parse(kBytes, kBytes.size());
  EXPECT_THAT(whole, ElementsAre(Seen{Event::kRequest, Route::kPing, "GET", ""},
                                 Seen{Event::kRequest, Route::kEcho, "POST", "hello"},
                                 Seen{Event::kRequest, Route::kEcho, "PUT", "abcdefg"},
                                 Seen{Event::kRequest, Route::kStatus, "POST", ""},
                                 Seen{Event::kRequest, Route::kBytes, "HEAD", ""}));
  for (size_t piece = 1; piece < kBytes.size(); ++piece) EXPECT_EQ(Parse(kBytes, piece), whole);
}

TEST(RequestParser, TellsWhetherTheConnectionLivesOn) {
  const auto keeps = [](std::string_view bytes) {
    RequestParser parser;
    EXPECT_EQ(parser.Feed(&bytes), Event::kRequest);
    return parser.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestParser, AnUpgradeIsIgnored) {
  const std::vector<Seen> seen = Parse(
      "GET /ping HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
      "GET /echo HTTP/1.1\r\n\r\n",
      1'000);
  EXPECT_THAT(seen, ElementsAre(Seen{Event::kRequest, Route::kPing, "GET", ""},
                                Seen{Event::kRequest, Route::kEcho, "GET", ""}));
}

TEST(RequestParser, AsksForABodyThatWaitsToBeAskedFor) {
  EXPECT_THAT(
      Parse("POST /echo HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi", 1'000),
      ElementsAre(Seen{Event::kContinue, Route::kOther, "", ""},
                  Seen{Event::kRequest, Route::kEcho, "POST", "hi"}));
  EXPECT_THAT(Parse("GET /ping HTTP/1.1\r\nExpect: 100-continue\r\n\r\n", 1'000),
              ElementsAre(Seen{Event::kRequest, Route::kPing, "GET", ""}));
}

TEST(RequestParser, AHeadEndsAtItsLimitHoweverItIsCut) {
  const std::string line = "GET /ping HTTP/1.1\r\n";
  const std::string endless_value = line + "A: " + std::string(limits::kTargetHeadBytes, 'a');
  const std::string endless_name = line + std::string(limits::kTargetHeadBytes + 1, 'n');
  const std::string endless_target = "GET /" + std::string(limits::kTargetHeadBytes, 't');
  std::string endless_fields = line;
  while (endless_fields.size() < 2 * limits::kTargetHeadBytes) endless_fields += "b:\r\n";
  for (const std::string& bytes : {endless_value, endless_name, endless_target, endless_fields}) {
    for (size_t piece : {size_t{1}, size_t{4'096}, bytes.size()}) {
      const std::vector<Seen> seen = Parse(bytes, piece);
      ASSERT_EQ(seen.size(), 1);
      EXPECT_EQ(seen[0].event, Event::kHeadTooLarge);
    }
  }
}

TEST(RequestParser, OnlyABodyThatIsKeptHasALimit) {
  const std::string length = std::to_string(limits::kTargetEchoBytes + 1);
  const auto post = [&](const std::string& path) {
    return Parse("POST " + path + " HTTP/1.1\r\nContent-Length: " + length + "\r\n\r\nx", 1'000);
  };
  EXPECT_THAT(post("/echo"), ElementsAre(Seen{Event::kBodyTooLarge, Route::kOther, "", ""}));
  EXPECT_THAT(post("/ping"), IsEmpty());

  std::string chunked = "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (size_t sent = 0; sent <= limits::kTargetEchoBytes; sent += 1 << 20) {
    chunked += "100000\r\n" + std::string(1 << 20, 'x') + "\r\n";
  }
  EXPECT_THAT(Parse(chunked, 64 << 10),
              ElementsAre(Seen{Event::kBodyTooLarge, Route::kOther, "", ""}));
}

TEST(RequestParser, RefusesWhatIsNoRequest) {
  for (const char* bytes :
       {"hello\r\n\r\n", "GET / HTTP/1.1\r\nNo colon\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    EXPECT_THAT(Parse(bytes, 1'000), ElementsAre(Seen{Event::kMalformed, Route::kOther, "", ""}))
        << bytes;
  }
}

}  // namespace
}  // namespace loadfleet::target
