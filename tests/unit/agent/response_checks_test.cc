#include "agent/scenario/response_checks.h"

#include <gtest/gtest.h>

#include "common/limits.h"

namespace loadfleet {
namespace {

constexpr char kJsonBody[] =
    R"({"id": 7, "state": "done", "ok": true, "none": null, "price": 1.5,)"
    R"( "items": [{"id": "a b"}], "big": 18446744073709551615, "text": "caf\u00e9"})";

class Checks : public ::testing::Test {
 protected:
  v1::Expect& Expect() { return *request_.add_expect(); }
  v1::Capture& Capture() {
    v1::Capture& capture = *request_.add_capture();
    capture.set_name(std::to_string(request_.capture_size()));
    return capture;
  }

  // What the response is, and whether it is kept as it would be.
  ResponseChecks::Counts Judge(uint16_t status, const std::string& body = "",
                               Nanos response_time = kMillisecond) {
    auto checks = ResponseChecks::Of(
        request_, [](const std::string& name) { return static_cast<uint32_t>(stoi(name) - 1); });
    EXPECT_TRUE(checks.ok()) << checks.status();
    checks_ = *std::move(checks);
    captured_.resize(static_cast<size_t>(request_.capture_size()));
    kept_.Begin(checks_->interest());
    for (const auto& [name, value] : headers_) kept_.AddField(name, value);
    kept_.AddBody(body);
    if (checks_->interest().body) decoded_ = checks_->Decode(&kept_, &decoder_);
    Result result;
    result.status = status;
    failed_.clear();
    return checks_->Judge(result, response_time, &kept_, &json_, &captured_, &failed_);
  }
  bool Holds(uint16_t status, const std::string& body = "", Nanos response_time = kMillisecond) {
    return Judge(status, body, response_time).failed == 0;
  }
  std::string Text(size_t slot) {
    return captured_[slot].present ? captured_[slot].text : "<none>";
  }

  std::vector<std::string> failed_;
  v1::Request request_;
  std::vector<std::pair<std::string, std::string>> headers_;
  KeptResponse kept_;
  JsonReader json_;
  ContentDecoder decoder_;
  Outcome decoded_ = Outcome::kOk;
  std::vector<Captured> captured_;
  std::unique_ptr<const ResponseChecks> checks_;
};

TEST_F(Checks, ARequestThatExpectsNothingHasNone) {
  const auto none = ResponseChecks::Of(request_, [](const std::string&) { return 0u; });
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, nullptr);
}

TEST_F(Checks, StatusIsOneOfAList) {
  v1::StatusSet& set = *Expect().mutable_status();
  set.add_ranges()->set_first(200);
  set.mutable_ranges(0)->set_last(299);
  set.add_ranges()->set_first(404);
  set.mutable_ranges(1)->set_last(404);
  EXPECT_TRUE(Holds(200));
  EXPECT_TRUE(Holds(299));
  EXPECT_TRUE(Holds(404));
  EXPECT_FALSE(Holds(300));
  EXPECT_TRUE(checks_->Allows(404));
  EXPECT_FALSE(checks_->Allows(500));
  EXPECT_FALSE(checks_->interest().any()) << "nothing needs to be kept";
}

TEST_F(Checks, HeadersAreComparedOrMatchedWhateverTheirCase) {
  Expect().mutable_header()->set_name("content-type");
  request_.mutable_expect(0)->mutable_header()->set_matches("json");
  headers_ = {{"Content-Type", "application/json; charset=utf-8"}};
  EXPECT_TRUE(Holds(200));
  Expect().mutable_header()->set_name("x-a");
  request_.mutable_expect(1)->mutable_header()->set_equals("1, 2");
  EXPECT_EQ(Judge(200).failed, 1u) << "it did not come";
  headers_.insert(headers_.end(), {{"x-a", "1"}, {"X-A", "2"}});
  EXPECT_TRUE(Holds(200));
}

TEST_F(Checks, BodiesContainAndMatch) {
  Expect().set_body_contains("needle");
  Expect().set_body_matches(R"("id":\d+)");
  EXPECT_EQ(Judge(200, R"(a needle and "id":12)").passed, 2u);
  EXPECT_EQ(Judge(200, "hay").failed, 2u);
}

TEST_F(Checks, OfALongBodyOnlyTheBeginningIsLookedAt) {
  Expect().set_body_contains("needle");
  EXPECT_FALSE(Holds(200, std::string(limits::kKeptBodyBytes, 'x') + "needle"));
  EXPECT_TRUE(Holds(200, std::string(limits::kKeptBodyBytes - 6, 'x') + "needle"));
  EXPECT_EQ(kept_.body_size(), limits::kKeptBodyBytes);
}

TEST_F(Checks, JsonValuesAreComparedByKindAndValue) {
  const std::pair<const char*, const char*> table[] = {{"$.id", "7"},
                                                       {"$.id", "7.0"},
                                                       {"$.state", R"("done")"},
                                                       {"$.ok", "true"},
                                                       {"$.none", "null"},
                                                       {"$.price", "1.5"},
                                                       {"$.items[0].id", R"("a b")"},
                                                       {"$.text", R"("café")"}};
  for (const auto& [path, value] : table) {
    v1::JsonExpectation& json = *Expect().mutable_json();
    json.set_path(path);
    json.set_equals(value);
    EXPECT_TRUE(Holds(200, kJsonBody)) << path;
    json.set_equals(R"("7")");
    EXPECT_FALSE(Holds(200, kJsonBody)) << path;
    request_.clear_expect();
  }
}

TEST_F(Checks, NumbersAreComparedExactlyWhateverTheirSize) {
  constexpr char kBody[] =
      R"({"id": 9007199254740993, "big": 123456789012345678901234567890, "price": 10.50,)"
      R"( "tiny": -25e-3, "all": [1.0, 2]})";
  const auto equals = [&](const char* path, const char* value) {
    request_.clear_expect();
    Expect().mutable_json()->set_path(path);
    request_.mutable_expect(0)->mutable_json()->set_equals(value);
    return Holds(200, kBody);
  };
  EXPECT_TRUE(equals("$.id", "9007199254740993"));
  EXPECT_FALSE(equals("$.id", "9007199254740992"));
  EXPECT_TRUE(equals("$.big", "123456789012345678901234567890"));
  EXPECT_FALSE(equals("$.big", "123456789012345678901234567891"));
  EXPECT_TRUE(equals("$.big", "12345678901234567890123456789e1"));
  EXPECT_TRUE(equals("$.price", "10.5"));
  EXPECT_TRUE(equals("$.tiny", "-0.025"));
  EXPECT_TRUE(equals("$.all[0]", "1"));
}

TEST_F(Checks, NumbersAreCapturedAsTheyWereWritten) {
  Capture().set_json("$.price");
  Capture().set_json("$.one");
  Capture().set_json("$.more[1].id");
  Capture().set_json("$.more");
  EXPECT_EQ(Judge(200, R"({"a]": "\"}, [", "price": 10.50 , "one":1.0, )"
                       R"("more": [ {"id": [1]}, {"x": {}, "id": -1E+2 } ]})")
                .failed,
            0u);
  EXPECT_EQ(Text(0), "10.50");
  EXPECT_EQ(Text(1), "1.0");
  EXPECT_EQ(Text(2), "-1E+2");
  EXPECT_EQ(Text(3), R"([{"id":[1]},{"x":{},"id":-1E+2}])");
  request_.clear_capture();
  Capture().set_json("$[1]");
  Judge(200, "[1.0, 123456789012345678901234567890]");
  EXPECT_EQ(Text(0), "123456789012345678901234567890");
}

TEST_F(Checks, WhatIsNoJsonHasNoValues) {
  v1::JsonExpectation& json = *Expect().mutable_json();
  json.set_path("$.none");
  json.set_equals("null");
  for (const char* body : {"", "{", "<html>", R"({"none": nul})", "[1]", R"({"other": null})",
                           R"({"none": null, "a": 0123456789012345678901})",
                           R"({"none": null, "a": 123456789012345678901)"}) {
    EXPECT_FALSE(Holds(200, body)) << body;
  }
}

TEST_F(Checks, TheResponseTimeIsBelow) {
  Expect().set_response_time_ns(kMillisecond);
  EXPECT_TRUE(Holds(200, "", kMillisecond - 1));
  EXPECT_FALSE(Holds(200, "", kMillisecond));
}

TEST_F(Checks, CapturesTakeTextsFromEverywhere) {
  Capture().set_json("$.items[0].id");
  Capture().set_json("$.big");
  Capture().set_json("$.ok");
  Capture().set_json("$.items");
  Capture().set_regex(R"re("state": "(\w+)")re");
  Capture().set_regex("pri..");
  Capture().set_header("location");
  Capture().set_cookie("sid");
  Capture().set_status(true);
  Capture().set_body_size(true);
  headers_ = {{"Location", "/next"}, {"Set-Cookie", "a=b"}, {"Set-Cookie", "sid=x%2C1; Path=/"}};
  const ResponseChecks::Counts counts = Judge(201, kJsonBody);
  EXPECT_EQ(counts.passed, 10u);
  EXPECT_EQ(counts.failed, 0u);
  const std::string expected[] = {"a b",   "18446744073709551615",
                                  "true",  R"([{"id":"a b"}])",
                                  "done",  "price",
                                  "/next", "x%2C1",
                                  "201",   std::to_string(sizeof(kJsonBody) - 1)};
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(Text(i), expected[i]) << i;
}

TEST_F(Checks, ATextBeyondTheLimitIsNotCaptured) {
  Capture().set_regex("x+");
  EXPECT_EQ(Judge(200, std::string(limits::kCapturedBytes, 'x')).passed, 1u);
  EXPECT_EQ(Judge(200, std::string(limits::kCapturedBytes + 1, 'x')).failed, 1u);
}

TEST_F(Checks, AMissingCaptureHasFailedUnlessItIsOptional) {
  Capture().set_json("$.none");
  Capture().set_json("$.nowhere");
  request_.mutable_capture(1)->set_optional(true);
  Capture().set_regex("absent(.*)");
  const ResponseChecks::Counts counts = Judge(200, kJsonBody);
  EXPECT_EQ(counts.passed, 0u);
  EXPECT_EQ(counts.failed, 2u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(Text(i), "<none>");
}

TEST_F(Checks, WithoutAResponseNothingHoldsAndNothingIsLeftOfTheLastOne) {
  Expect().mutable_status()->add_ranges()->set_last(599);
  Expect().set_body_contains("x");
  Capture().set_status(true);
  Capture().set_header("x");
  request_.mutable_capture(1)->set_optional(true);
  EXPECT_EQ(Judge(200, "x").passed, 3u);
  EXPECT_EQ(Text(0), "200");
  EXPECT_EQ(checks_->JudgeNone(&captured_).failed, 3u);
  EXPECT_EQ(Text(0), "<none>");
}

TEST(JsonPath, NamesOneValue) {
  for (const char* path : {"$", "$.a", "$.a.b", "$[0]", "$.a[10].b_c-d", "$.a[0][1]"}) {
    EXPECT_TRUE(ParseJsonPath(path).ok()) << path;
  }
  for (const char* path : {"", "a", "$a", "$.", "$..a", "$.a.", "$[]", "$[x]", "$[-1]", "$[0",
                           "$.a]", "$[99999999999]", "$[*]", "$['a']"}) {
    EXPECT_FALSE(ParseJsonPath(path).ok()) << path;
  }
}

// gzip -9n of "hello".
const std::string kGzipHello(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x07\x00"
    "\x86\xa6\x10\x36\x05\x00\x00\x00",
    25);

TEST_F(Checks, ABodyThatIsEncodedIsReadOnlyWhenThePlanSaysSo) {
  Expect().set_body_contains("ello");
  Capture().set_regex("h(e)l");
  headers_ = {{"Content-Encoding", "gzip"}};
  EXPECT_EQ(Judge(200, kGzipHello).failed, 2u);
  EXPECT_TRUE(kept_.encoded());
  request_.set_decompress(true);
  EXPECT_EQ(Judge(200, kGzipHello).failed, 0u);
  EXPECT_EQ(Text(0), "e");
  EXPECT_EQ(decoded_, Outcome::kOk);
}

TEST_F(Checks, EvenATextThatIsInItsEncodedBytesIsNotFoundThere) {
  Expect().set_body_contains("hello");
  headers_ = {{"content-encoding", "br"}};
  EXPECT_FALSE(Holds(200, "hello"));
  headers_ = {{"content-encoding", "identity"}};
  EXPECT_TRUE(Holds(200, "hello"));
}

TEST_F(Checks, ABodyInACodingThatNobodyKnowsIsNotRead) {
  Expect().set_body_contains("hello");
  request_.set_decompress(true);
  headers_ = {{"Content-Encoding", "compress"}};
  EXPECT_FALSE(Holds(200, "hello"));
  EXPECT_EQ(decoded_, Outcome::kOk);
}

TEST_F(Checks, WhatIsNoGzipIsMalformedAndMoreThanIsKeptTooLarge) {
  Expect().set_body_contains("hello");
  request_.set_decompress(true);
  headers_ = {{"Content-Encoding", "gzip"}};
  Judge(200, "hello");
  EXPECT_EQ(decoded_, Outcome::kMalformed);
  Judge(200, std::string(limits::kKeptBodyBytes + 1, 'a'));
  EXPECT_EQ(decoded_, Outcome::kTooLarge);
}

TEST_F(Checks, TheSizeOfABodyIsTheDecodedOne) {
  Capture().set_body_size(true);
  headers_ = {{"Content-Encoding", "gzip"}};
  Judge(200, kGzipHello);
  EXPECT_EQ(Text(0), "25");
  request_.set_decompress(true);
  Judge(200, kGzipHello);
  EXPECT_EQ(Text(0), "5");
}

// What is told goes into reports, as the head does that hides it.
TEST_F(Checks, TellNoCookieAndNoCredentials) {
  Expect().mutable_header()->set_name("set-cookie");
  request_.mutable_expect(0)->mutable_header()->set_matches("^lang=");
  headers_ = {{"Set-Cookie", "sid=s3cr3t; Path=/"}, {"Set-Cookie", "token=t0k3n"}};
  Judge(200);
  EXPECT_EQ(failed_, (std::vector<std::string>{
                         "header set-cookie: expected /^lang=/, got \"sid=(hidden, 6 bytes); "
                         "Path=/\\ntoken=(hidden, 5 bytes)\""}));
}

TEST_F(Checks, TellWhatWasExpectedAndWhatWasFound) {
  v1::StatusRange& range = *Expect().mutable_status()->add_ranges();
  range.set_first(200);
  range.set_last(299);
  Expect().mutable_header()->set_name("content-type");
  request_.mutable_expect(1)->mutable_header()->set_matches("json");
  Expect().set_body_contains("needle");
  Expect().mutable_json()->set_path("$.state");
  request_.mutable_expect(3)->mutable_json()->set_equals("\"open\"");
  Expect().set_response_time_ns(kMillisecond);
  Capture().set_json("$.token");
  headers_ = {{"content-type", "text/html"}};
  Judge(503, kJsonBody, 2 * kMillisecond);
  const std::string size = std::to_string(sizeof(kJsonBody) - 1);
  EXPECT_EQ(failed_, (std::vector<std::string>{
                         "status: expected 200-299, got 503",
                         "header content-type: expected /json/, got \"text/html\"",
                         "body_contains: \"needle\" is not in the body of " + size + " bytes",
                         "json $.state: expected \"open\", got \"done\"",
                         "response_time: expected below 1ms, was 2ms",
                         "capture 1: nothing at $.token",
                     }));
}

}  // namespace
}  // namespace loadfleet
