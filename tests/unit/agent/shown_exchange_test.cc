#include "agent/scenario/shown_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ShownExchangeTest : public ::testing::Test {
 protected:
  ShownExchangeTest() {
    request_.request = 3;
    request_.scenario = 1;
    request_.wire =
        "POST /orders?x=1 HTTP/1.1\r\nHost: shop.test:81\r\nAuthorization: Bearer abcdef\r\n"
        "Cookie: sid=s3cr3t; lang=en\r\nContent-Length: 5\r\n\r\nhello";
    request_.body_size = 5;
    request_.fields = {{":scheme", "https"}};
    exchange_.request = &request_;
    exchange_.intended = 2 * kSecond;
    interest_.head = interest_.body = true;
    kept_.Begin(interest_);
  }

  v1::ExchangeRecord Record(size_t body_bytes = 100) {
    return RecordOf({exchange_, result_, &kept_, 2 * kSecond + 7 * kMillisecond, kSecond},
                    body_bytes);
  }

  RequestTemplate request_;
  Exchange exchange_;
  Result result_;
  ResponseInterest interest_;
  KeptResponse kept_;
};

TEST_F(ShownExchangeTest, SaysWhichRequestItWasAndWhatBecameOfIt) {
  result_.outcome = Outcome::kBadStatus;
  const v1::ExchangeRecord record = Record();
  EXPECT_EQ(record.request(), 3u);
  EXPECT_EQ(record.scenario(), 1u);
  EXPECT_EQ(record.outcome(), v1::OUTCOME_BAD_STATUS);
  EXPECT_EQ(record.intended_ns(), kSecond);
  EXPECT_EQ(record.response_time_us(), 7'000u);
  EXPECT_EQ(record.url(), "https://shop.test:81/orders?x=1");
}

TEST_F(ShownExchangeTest, HasTheRequestAsItWasSent) {
  const v1::ExchangeRecord record = Record();
  EXPECT_EQ(record.request_head(),
            "POST /orders?x=1 HTTP/1.1\r\nHost: shop.test:81\r\n"
            "Authorization: Bearer (hidden, 6 bytes)\r\n"
            "Cookie: sid=(hidden, 6 bytes); lang=(hidden, 2 bytes)\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(record.request_body(), "hello");
  EXPECT_FALSE(record.request_cut());
}

TEST_F(ShownExchangeTest, TakesWhatWasFilledInInPlaceOfTheTemplate) {
  RequestBytes filled;
  filled.wire = "GET /items/7 HTTP/1.1\r\nHost: shop.test\r\n\r\n";
  exchange_.filled_in = &filled;
  EXPECT_EQ(Record().url(), "https://shop.test/items/7");
  EXPECT_EQ(Record().request_body(), "");
}

TEST_F(ShownExchangeTest, AfterARedirectHasTheSchemeThatItLedTo) {
  request_.fields = {{":scheme", "http"}};
  RequestBytes changed;
  changed.wire = "GET /login HTTP/1.1\r\nHost: shop.test\r\n\r\n";
  changed.fields = {{":method", "GET"}, {":scheme", "https"}};
  exchange_.filled_in = &changed;
  EXPECT_EQ(Record().url(), "https://shop.test/login");
}

TEST_F(ShownExchangeTest, HasTheResponseWithItsHeadAndBody) {
  kept_.SetStatus(201);
  kept_.AddField("Content-Type", "text/plain");
  kept_.AddField("Set-Cookie", "sid=abc; Path=/");
  kept_.AddBody("made");
  const v1::ExchangeRecord record = Record();
  EXPECT_EQ(record.response_head(),
            "HTTP/1.1 201\r\nContent-Type: text/plain\r\n"
            "Set-Cookie: sid=(hidden, 3 bytes); Path=/\r\n\r\n");
  EXPECT_EQ(record.response_body(), "made");
  EXPECT_FALSE(record.response_cut());
}

TEST_F(ShownExchangeTest, OfAnInterimResponseShowsNothing) {
  kept_.SetStatus(103);
  kept_.AddField("Link", "</a>");
  kept_.BeginHead();
  EXPECT_EQ(Record().response_head(), "");
}

TEST_F(ShownExchangeTest, CutsBodiesAndSaysSo) {
  kept_.SetStatus(200);
  kept_.AddBody("longer than that");
  const v1::ExchangeRecord record = Record(4);
  EXPECT_EQ(record.request_body(), "hell");
  EXPECT_TRUE(record.request_cut());
  EXPECT_EQ(record.response_body(), "long");
  EXPECT_TRUE(record.response_cut());
}

TEST(Credentials, AreHiddenWhateverTheirForm) {
  EXPECT_EQ(WithoutCredentials("authorization: abc\r\n"), "authorization: (hidden, 3 bytes)\r\n");
  EXPECT_EQ(WithoutCredentials("Proxy-Authorization: Basic YTpi\r\n"),
            "Proxy-Authorization: Basic (hidden, 4 bytes)\r\n");
  EXPECT_EQ(WithoutCredentials("cookie: nonsense\r\n"), "cookie: (hidden, 8 bytes)\r\n");
  EXPECT_THAT(WithoutCredentials("Set-Cookie: a=b; HttpOnly\r\n"), Not(HasSubstr("=b")));
}

}  // namespace
}  // namespace loadfleet
