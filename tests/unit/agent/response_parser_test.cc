#include "agent/http/response_parser.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/limits.h"

namespace loadfleet {
namespace {

using State = ResponseParser::State;

struct Parsed {
  State state = State::kPartial;
  uint16_t status = 0;
  bool keep_alive = false;
  Outcome outcome = Outcome::kOk;
  size_t used = 0;  // bytes that belong to the response
  bool operator==(const Parsed&) const = default;
};

// Feeds `bytes` in pieces of `piece`, then the end of the stream when `ends`.
Parsed Parse(const std::string& bytes, size_t piece, bool head = false, bool ends = false,
             KnownHead* known = nullptr) {
  ResponseParser parser;
  parser.Expect(head, nullptr, known);
  Parsed parsed;
  for (size_t at = 0; at < bytes.size() && parsed.state == State::kPartial; at += piece) {
    size_t used = 0;
    parsed.state = parser.Feed(bytes.data() + at, std::min(piece, bytes.size() - at), &used);
    parsed.used += used;
  }
  if (parsed.state == State::kPartial && ends) parsed.state = parser.FeedEnd();
  parsed.status = parsed.state == State::kComplete ? parser.status() : 0;
  parsed.keep_alive = parsed.state == State::kComplete && parser.keep_alive();
  parsed.outcome = parsed.state == State::kFailed ? parser.outcome() : Outcome::kOk;
  return parsed;
}

TEST(ResponseParser, ShowsAResponseFromItsFirstBytesOnHoweverTheyAreSplit) {
  const std::string bytes =
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      "HTTP/1.1 503 Down\r\nRetry-After: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4\r\nPONG\r\n2\r\n!!\r\n0\r\n\r\n";
  ResponseInterest interest;
  interest.head = interest.body = true;
  ResponseInterest looked_at;
  looked_at.body = true;
  KeptResponse kept;
  KeptResponse shown;
  ResponseParser parser;
  for (size_t piece = 1; piece < bytes.size(); ++piece) {
    kept.Begin(looked_at);
    shown.Begin(interest);
    parser.Expect(false, &kept);
    State state = State::kPartial;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      const size_t size = std::min(piece, bytes.size() - at);
      size_t used = 0;
      state = parser.Feed(bytes.data() + at, size, &used);
      if (at > 0) continue;
      ASSERT_TRUE(parser.MayFail()) << piece;
      parser.Show(&shown, bytes.data(), size);
    }
    ASSERT_EQ(state, State::kComplete) << piece;
    EXPECT_EQ(parser.status(), 503) << piece;
    EXPECT_EQ(parser.bytes(), bytes.size()) << piece;
    EXPECT_EQ(shown.status(), 503) << piece;
    EXPECT_EQ(shown.head(), "Retry-After: 1\r\nTransfer-Encoding: chunked\r\n") << piece;
    EXPECT_EQ(shown.body(), "PONG!!") << piece;
    EXPECT_EQ(kept.body(), "PONG!!") << "not twice: " << piece;
  }
}

TEST(ResponseParser, KnowsThatASuccessMayNotFailOnceItsStatusHasCome) {
  const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPO";
  for (size_t size = 1; size <= bytes.size(); ++size) {
    ResponseParser parser;
    parser.Expect(false);
    size_t used = 0;
    ASSERT_EQ(parser.Feed(bytes.data(), size, &used), State::kPartial);
    EXPECT_EQ(parser.MayFail(), size < 12) << size;
  }
}

TEST(ResponseParser, KeepsWhatSomebodyLooksAtHoweverTheBytesAreSplit) {
  const std::string bytes =
      "HTTP/1.1 103 Early Hints\r\nLocation: no\r\n\r\n"
      "HTTP/1.1 201 Created\r\nlocation: /a\r\nX-Other: 1\r\nSet-Cookie: a=1\r\nEmpty:\r\n"
      "Set-Cookie: b=2\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nPONG\r\n2\r\n!!\r\n0\r\n\r\n";
  ResponseInterest interest;
  interest.headers = {"set-cookie", "location", "absent", "empty"};
  interest.body = true;
  KeptResponse kept;
  ResponseParser parser;
  for (size_t piece = 1; piece <= bytes.size(); ++piece) {
    kept.Begin(interest);
    parser.Expect(false, &kept);
    State state = State::kPartial;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      size_t used = 0;
      state = parser.Feed(bytes.data() + at, std::min(piece, bytes.size() - at), &used);
    }
    ASSERT_EQ(state, State::kComplete) << piece;
    EXPECT_EQ(*kept.value(0), "a=1\nb=2") << piece;
    EXPECT_EQ(*kept.value(1), "/a") << piece;
    EXPECT_EQ(kept.value(2), nullptr) << piece;
    EXPECT_EQ(*kept.value(3), "") << piece;
    EXPECT_EQ(kept.body(), "PONG!!") << piece;
    EXPECT_EQ(kept.body_size(), 6u) << piece;
  }
  size_t used = 0;
  parser.Expect(false);
  EXPECT_EQ(parser.Feed(bytes.data(), bytes.size(), &used), State::kComplete);
  EXPECT_EQ(kept.body(), "PONG!!") << "the next response is nobody's to look at";
}

TEST(ResponseParser, EachFramingOfRfc9112EndsWhereItSays) {
  struct Row {
    std::string name;
    std::string bytes;
    bool head;
    uint16_t status;
    bool keep_alive;
  };
  const Row table[] = {
      {"length", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPONG", false, 200, true},
      {"no body", "HTTP/1.1 204 No Content\r\n\r\n", false, 204, true},
      {"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", false, 304, true},
      {"head", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", true, 200, true},
      {"chunked",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nPONG\r\n0\r\nX: trailer\r\n\r\n",
       false, 200, true},
      {"interim",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
       "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
       false, 503, true},
      {"close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", false, 200,
       false},
      {"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", false, 200, false},
  };
  for (const Row& row : table) {
    for (size_t piece : {size_t{1}, size_t{2}, size_t{7}, row.bytes.size()}) {
      const Parsed parsed = Parse(row.bytes, piece, row.head);
      EXPECT_EQ(parsed.state, State::kComplete) << row.name << " by " << piece;
      EXPECT_EQ(parsed.status, row.status) << row.name;
      EXPECT_EQ(parsed.keep_alive, row.keep_alive) << row.name;
      EXPECT_EQ(parsed.used, row.bytes.size()) << row.name << " by " << piece;
    }
  }
}

TEST(ResponseParser, ABodyWithoutLengthEndsWithTheConnection) {
  const Parsed parsed = Parse("HTTP/1.1 200 OK\r\n\r\nall there is", 5, false, true);
  EXPECT_EQ(parsed.state, State::kComplete);
  EXPECT_FALSE(parsed.keep_alive);
}

TEST(ResponseParser, AnEndInTheMiddleIsTruncatedAndOneBeforeItBeganIsClosed) {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPONG";
  EXPECT_EQ(Parse("", 1, false, true).outcome, Outcome::kClosed);
  for (size_t cut = 1; cut < whole.size(); ++cut) {
    EXPECT_EQ(Parse(whole.substr(0, cut), 3, false, true).outcome, Outcome::kTruncated) << cut;
  }
}

TEST(ResponseParser, BytesAfterTheResponseAreNotItsOwn) {
  const std::string first = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nPONG";
  const Parsed parsed = Parse(first + first, 2 * first.size());
  EXPECT_EQ(parsed.state, State::kComplete);
  EXPECT_EQ(parsed.used, first.size());
}

TEST(ResponseParser, IsReadyForTheNextResponseOnTheSameConnection) {
  ResponseParser parser;
  for (int i = 0; i < 3; ++i) {
    parser.Expect(false);
    const std::string bytes =
        "HTTP/1.1 20" + std::to_string(i) + " X\r\nContent-Length: 1\r\n\r\nx";
    size_t used = 0;
    EXPECT_FALSE(parser.begun());
    EXPECT_EQ(parser.Feed(bytes.data(), bytes.size(), &used), State::kComplete);
    EXPECT_EQ(parser.status(), 200 + i);
    EXPECT_EQ(parser.bytes(), bytes.size());
  }
}

// Feeds `bytes` to a parser that knows `known`, in pieces.
Parsed ParseKnowing(KnownHead* known, const std::string& bytes, size_t piece) {
  return Parse(bytes, piece, false, false, known);
}

TEST(ResponseParser, AHeadThatItKnowsMeansWhatItMeantHoweverTheBytesAreSplit) {
  const std::string head = "HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\n";
  KnownHead known;
  ParseKnowing(&known, head + "PONG", SIZE_MAX / 2);
  ASSERT_EQ(known.size(), head.size());
  const std::string bytes = head + "HTTP" + "HTTP/1.1 200 OK\r\n";
  for (size_t piece = 1; piece <= bytes.size(); ++piece) {
    const Parsed parsed = ParseKnowing(&known, bytes, piece);
    EXPECT_EQ(parsed, (Parsed{State::kComplete, 201, true, Outcome::kOk, head.size() + 4}))
        << piece;
    EXPECT_EQ(parsed, Parse(bytes, piece)) << piece;
  }
}

TEST(ResponseParser, AKnownHeadWhoseBodyDoesNotComeIsTruncated) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
  KnownHead known;
  ParseKnowing(&known, head + "PONG", SIZE_MAX / 2);
  ResponseParser parser;
  parser.Expect(false, nullptr, &known);
  size_t used = 0;
  const std::string part = head + "PO";
  EXPECT_EQ(parser.Feed(part.data(), part.size(), &used), State::kPartial);
  EXPECT_EQ(parser.bytes(), part.size());
  EXPECT_EQ(parser.FeedEnd(), State::kFailed);
  EXPECT_EQ(parser.outcome(), Outcome::kTruncated);
}

TEST(ResponseParser, AnotherHeadIsParsedAndKnownFromThenOn) {
  const std::string first = "HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 0\r\n\r\n";
  const std::string second = "HTTP/1.1 204 No Content\r\nX: 2\r\n\r\n";
  KnownHead known;
  EXPECT_EQ(ParseKnowing(&known, first, SIZE_MAX / 2).status, 200);
  EXPECT_EQ(ParseKnowing(&known, second, SIZE_MAX / 2).status, 204);
  EXPECT_TRUE(known.Begins(second.data(), second.size()));
  EXPECT_FALSE(known.Begins(first.data(), first.size()));
}

// What a parser that knows `known` finds of the cookies of a response.
std::string CookiesOf(KnownHead* known, const std::string& bytes) {
  ResponseInterest interest;
  interest.SlotOf("set-cookie");
  interest.only_cookies = true;
  KeptResponse kept;
  kept.Begin(interest);
  ResponseParser parser;
  parser.Expect(false, &kept, known);
  size_t used = 0;
  EXPECT_EQ(parser.Feed(bytes.data(), bytes.size(), &used), State::kComplete);
  EXPECT_EQ(parser.status(), 200);
  return kept.value(0) == nullptr ? "none" : *kept.value(0);
}

TEST(ResponseParser, AKnownHeadHidesNoCookieFromWhoeverLooksForOne) {
  const std::string with = "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n";
  const std::string without = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  KnownHead known;
  ParseKnowing(&known, with, SIZE_MAX / 2);  // nobody has looked
  for (int i = 0; i < 2; ++i) EXPECT_EQ(CookiesOf(&known, with), "a=1");
  EXPECT_EQ(CookiesOf(&known, without), "none");
  EXPECT_TRUE(known.Begins(without.data(), without.size()));
  EXPECT_TRUE(known.without_cookies());
  EXPECT_EQ(CookiesOf(&known, without), "none");
  EXPECT_EQ(CookiesOf(&known, with), "a=1");
}

TEST(ResponseParser, OnlyHeadsThatTellWhereTheResponseEndsAreKnown) {
  const char* const others[] = {
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
  };
  for (const std::string bytes : others) {
    KnownHead known;
    EXPECT_EQ(ParseKnowing(&known, bytes, SIZE_MAX / 2).state, State::kComplete) << bytes;
    EXPECT_EQ(known.size(), 0U) << bytes;
  }
  KnownHead known;
  const std::string large = "HTTP/1.1 200 OK\r\nX: " + std::string(KnownHead::kMaxBytes, 'x') +
                            "\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(ParseKnowing(&known, large, SIZE_MAX / 2).state, State::kComplete);
  EXPECT_EQ(known.size(), 0U);
}

TEST(ResponseParser, WhatIsNotHttpIsMalformedHoweverItIsSplit) {
  const std::string bad[] = {
      "SSH-2.0-OpenSSH_9.2\r\n",
      "HTTP/1.1 2x0 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
  };
  for (const std::string& bytes : bad) {
    for (size_t piece : {size_t{1}, size_t{3}, bytes.size()}) {
      EXPECT_EQ(Parse(bytes, piece).outcome, Outcome::kMalformed) << bytes << " by " << piece;
    }
  }
}

TEST(ResponseParser, AnEndlessHeadIsTooLarge) {
  std::string bytes = "HTTP/1.1 200 OK\r\n";
  while (bytes.size() <= 2 * limits::kResponseHeadBytes) bytes += "X-Filler: abcdefghijklmnop\r\n";
  EXPECT_EQ(Parse(bytes, 4'096).outcome, Outcome::kTooLarge);
  std::string interim;
  while (interim.size() <= 2 * limits::kResponseHeadBytes) interim += "HTTP/1.1 100 Go on\r\n\r\n";
  EXPECT_EQ(Parse(interim, 4'096).outcome, Outcome::kTooLarge);
}

}  // namespace
}  // namespace loadfleet
