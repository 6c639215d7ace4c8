#include "loadctl/once/exchange_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OnceTextTest : public ::testing::Test {
 protected:
  OnceTextTest() {
    done_.set_ok(true);
    v1::ExchangeRecord& record = *done_.add_exchanges();
    record.set_outcome(v1::OUTCOME_OK);
    record.set_response_time_us(1240);
    record.set_url("http://shop.test/login");
    record.set_request_head("POST /login HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    record.set_request_body("{\"user\":\"ada\"}");
    record.set_response_head("HTTP/1.1 200\r\nContent-Type: application/json\r\n\r\n");
    record.set_response_body("{\"token\":\n \"abc\"}\n");
  }
  v1::ExchangeRecord& record() { return *done_.mutable_exchanges(0); }
  std::string Text(const OnceStyle& style = {}) const {
    return OnceText(plan_, "setup", done_, style);
  }

  const v1::Plan plan_ = PlanOf(
      "target: http://shop.test\n"
      "scenarios: {main: {executor: constant-vus, flow: f, vus: 1, duration: 1s}}\n"
      "flows: {f: {steps: [{request: login, post: /login, expect: {status: 200},\n"
      "  capture: {token: {json: $.token}, next: {json: $.next, optional: true}}}]}}\n");
  v1::OnceDone done_;
};

TEST_F(OnceTextTest, ShowsAnExchangeAsItWentOverTheWire) {
  (*done_.mutable_captures())["token"] = "abc";
  EXPECT_EQ(Text(),
            "setup f\n"
            "\n"
            "  login  POST http://shop.test/login\n"
            "    > POST /login HTTP/1.1\n"
            "    > Host: shop.test\n"
            "    >\n"
            "    > {\"user\":\"ada\"}\n"
            "    < HTTP/1.1 200\n"
            "    < Content-Type: application/json\n"
            "    <\n"
            "    < {\"token\":\n"
            "    <  \"abc\"}\n"
            "    ok after 1.24ms, 2 of 2 checks passed\n"
            "\n"
            "  captured token = \"abc\"\n"
            "\n");
}

TEST_F(OnceTextTest, SaysWhatHasFailed) {
  done_.set_ok(false);
  done_.set_reason("login: status: expected 200, got 204");
  record().add_failed_checks("status: expected 200, got 204");
  EXPECT_THAT(Text(), HasSubstr("ok after 1.24ms, 1 of 2 checks passed\n"
                                "    FAILED status: expected 200, got 204\n"
                                "\n"
                                "  FAILED login: status: expected 200, got 204\n"));
}

TEST_F(OnceTextTest, OfARequestWithoutAResponseShowsHowItEnded) {
  record().set_outcome(v1::OUTCOME_REFUSED);
  record().clear_response_head();
  record().clear_response_body();
  EXPECT_THAT(Text(), HasSubstr("    > {\"user\":\"ada\"}\n    refused after 1.24ms\n"));
}

TEST_F(OnceTextTest, ShowsTheBeginningOfALongBodyAndHowLongItIs) {
  record().set_response_body(std::string(30, 'x'));
  OnceStyle style;
  style.body_bytes = 10;
  EXPECT_THAT(Text(style), HasSubstr("    < xxxxxxxxxx\n    < ... (30 bytes)\n"));
  record().set_response_cut(true);
  EXPECT_THAT(Text(style), HasSubstr("    < ... (more than 30 bytes)\n"));
}

TEST_F(OnceTextTest, OfWhatIsNoTextShowsHowLongItIs) {
  record().set_response_body(std::string("\x89PNG\0\1", 6));
  EXPECT_THAT(Text(), HasSubstr("    < (6 bytes, no text)\n"));
}

TEST_F(OnceTextTest, LetsNoTargetMoveTheCursor) {
  record().set_response_head("HTTP/1.1 200\r\nX: \x1b[2J\r\n\r\n");
  EXPECT_THAT(Text(), Not(HasSubstr("\x1b")));
}

TEST_F(OnceTextTest, IsColouredOnlyWhereThatIsWanted) {
  OnceStyle style;
  style.color = true;
  EXPECT_THAT(Text(style), HasSubstr("\033[32mok after 1.24ms"));
}

TEST_F(OnceTextTest, EndsWithOneLineThatSumsUp) {
  OnceTotals totals;
  totals.Add(done_);
  EXPECT_EQ(OnceSummary(totals, {}), "OK  1 flow, 1 exchange\n");
  done_.set_ok(false);
  record().add_failed_checks("status: expected 200, got 204");
  totals.Add(done_);
  record().clear_failed_checks();
  record().set_outcome(v1::OUTCOME_RESET);
  totals.Add(done_);
  EXPECT_EQ(OnceSummary(totals, {}),
            "FAILED  3 flows, 3 exchanges, 1 failed check, 1 failed exchange\n");
}

}  // namespace
}  // namespace loadfleet
