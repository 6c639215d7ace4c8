// Requests that are filled in: which bytes are sent, and what is never sent.
#include "agent/scenario/request_text.h"

#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"
#include "common/schedule/split_mix.h"
#include "tests/support/manual_clock.h"

namespace loadfleet {
namespace {

using ::testing::HasSubstr;

class RequestTexts : public ::testing::Test {
 protected:
  RequestTexts() {
    request_.set_method("GET");
    request_.mutable_origin()->set_scheme(v1::SCHEME_HTTP);
    request_.mutable_origin()->set_host("shop.test");
    request_.mutable_origin()->set_port(8080);
    request_.set_target("/");
  }

  void Header(const std::string& value) {
    v1::Header& header = *request_.add_headers();
    header.set_name("X-A");
    header.set_value(value);
  }
  // With the one capture `x`.
  bool Fill(const std::string& x, bool present = true) {
    auto text = RequestText::Of(request_, true, true, [](const std::string& name) {
      EXPECT_EQ(name, "x");
      return absl::StatusOr<uint32_t>(0u);
    });
    EXPECT_TRUE(text.ok()) << text.status();
    const std::vector<Captured> captured = {{x, present}};
    const std::string agent = "a1";
    const auto draw = [this] { return SplitMix(++drawn_); };
    const IterationValues values{captured, 3, 5, 4, agent, clock_, draw};
    return (*text)->Fill(values, &scratch_, &bytes_, &there_);
  }
  std::string FieldOf(const std::string& name) {
    for (const HeaderField& field : bytes_.fields) {
      if (field.name == name) return field.value;
    }
    return "<none>";
  }

  v1::Request request_;
  ManualClock clock_;
  uint64_t drawn_ = 0;
  std::string scratch_;
  RequestBytes bytes_;
  Location there_;
};

TEST_F(RequestTexts, OneWithoutVariablesIsNone) {
  const auto none = RequestText::Of(
      request_, true, true, [](const std::string&) -> absl::StatusOr<uint32_t> { return 0u; });
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, nullptr);
}

TEST_F(RequestTexts, AreFilledInEverywhereAndKnowTheirLength) {
  request_.set_method("POST");
  request_.set_target("/users/{{ x }}?n={{iteration}}");
  Header("{{ agent }} {{ vu }}/{{ arrival }}");
  request_.set_body("<{{ x }}>");
  ASSERT_TRUE(Fill("ada"));
  EXPECT_EQ(bytes_.wire,
            "POST /users/ada?n=5 HTTP/1.1\r\nHost: shop.test:8080\r\nX-A: a1 3/4\r\n"
            "User-Agent: loadfleet\r\nContent-Length: 5\r\n\r\n<ada>");
  EXPECT_EQ(bytes_.body(), "<ada>");
  EXPECT_EQ(FieldOf(":path"), "/users/ada?n=5");
  EXPECT_EQ(FieldOf("x-a"), "a1 3/4");
  EXPECT_EQ(FieldOf("content-length"), "5");
  ASSERT_TRUE(Fill("another one"));
  EXPECT_EQ(bytes_.body(), "<another one>");
  EXPECT_THAT(bytes_.wire, HasSubstr("POST /users/another%20one?n=5 HTTP/1.1\r\n"));
}

TEST_F(RequestTexts, PathsArePercentEncodedSoThatNoneEndsTheLine) {
  request_.set_target("/{{ x }}");
  ASSERT_TRUE(Fill("a b\r\nc\xc3\xa9#\x01?d=%20&e"));
  EXPECT_EQ(FieldOf(":path"), "/a%20b%0D%0Ac%C3%A9%23%01?d=%20&e");
}

TEST_F(RequestTexts, AWholePathMayComeFromACaptureAndAUrlOfTheSameOrigin) {
  request_.set_target("{{ x }}");
  ASSERT_TRUE(Fill("/next?page=2"));
  EXPECT_THAT(bytes_.wire, HasSubstr("GET /next?page=2 HTTP/1.1\r\n"));
  ASSERT_TRUE(Fill("http://shop.test:8080/next"));
  EXPECT_THAT(bytes_.wire, HasSubstr("GET /next HTTP/1.1\r\n"));
  EXPECT_EQ(FieldOf(":path"), "/next");
  EXPECT_EQ(there_.origin.host, "");
  for (const char* bad : {"", "next", "ftp://shop.test/next", "http://", "*"}) {
    EXPECT_FALSE(Fill(bad)) << bad;
  }
  EXPECT_FALSE(Fill("/x", /*present=*/false));
  EXPECT_FALSE(Fill("/" + std::string(limits::kTargetBytes, 'x')));
}

TEST_F(RequestTexts, AUrlOfAnotherOriginIsLeftForWhoeverSendsItThere) {
  request_.set_target("{{ x }}");
  ASSERT_TRUE(Fill("https://Other.test/next?page=2"));
  EXPECT_THAT(bytes_.wire, HasSubstr("GET /next?page=2 HTTP/1.1\r\n"));
  EXPECT_EQ(there_.origin, (OriginName{true, "other.test", 443}));
  request_.set_target("/go?to={{ x }}");
  ASSERT_TRUE(Fill("https://other.test/"));
  EXPECT_EQ(there_.origin.host, "") << "it is the plan's own, whatever its query holds";
}

TEST_F(RequestTexts, NoControlCharacterReachesAHeader) {
  Header("Bearer {{ x }}");
  EXPECT_TRUE(Fill("token\tand gr\xc3\xbc\xc3\x9f"));
  for (const std::string& bad :
       {std::string("a\r\nEvil: 1"), std::string("a\n"), std::string("\0", 1), std::string("\x7f"),
        std::string(limits::kHeaderBytes + 1, 'x')}) {
    EXPECT_FALSE(Fill(bad));
  }
}

TEST_F(RequestTexts, WhatStandsInJsonIsEscaped) {
  request_.set_body(R"({"name":"{{ x }}"})");
  request_.set_body_form(v1::BODY_FORM_JSON);
  ASSERT_TRUE(Fill("a \"b\" \\ \n\xc3\xa9"));
  EXPECT_EQ(bytes_.body(), "{\"name\":\"a \\\"b\\\" \\\\ \\u000A\xc3\xa9\"}");
}

TEST_F(RequestTexts, WhatStandsInAFormIsEncodedAndInALiteralBodyNothingIsFilledIn) {
  request_.set_body("a={{ x }}&b=1");
  request_.set_body_form(v1::BODY_FORM_URLENCODED);
  ASSERT_TRUE(Fill("1 & 2=3"));
  EXPECT_EQ(bytes_.body(), "a=1+%26+2%3D3&b=1");
  request_.set_body_form(v1::BODY_FORM_LITERAL);
  Header("{{ x }}");
  ASSERT_TRUE(Fill("y"));
  EXPECT_EQ(bytes_.body(), "a={{ x }}&b=1");
}

TEST_F(RequestTexts, RandomValuesAreWithinTheirBoundsAndOtherEachTime) {
  request_.set_body(
      "{{ random_int(5, 7) }} {{ random_int(-3,-3) }} {{ random_string(12) }} {{ uuid }}");
  const std::regex form(
      "[567] -3 [A-Za-z0-9]{12} "
      "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::string last;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Fill(""));
    const std::string body(bytes_.body());
    EXPECT_TRUE(std::regex_match(body, form)) << body;
    EXPECT_NE(body, last);
    last = body;
  }
}

TEST_F(RequestTexts, WhatWasNotCapturedIsEmpty) {
  request_.set_target("/a{{ x }}b");
  ASSERT_TRUE(Fill("old", /*present=*/false));
  EXPECT_EQ(FieldOf(":path"), "/ab");
}

TEST_F(RequestTexts, PartsOfABodyAreFilledInEachInItsOwnWay) {
  request_.set_method("POST");
  const auto add = [this](const std::string& content, v1::BodyForm form) {
    request_.add_body_parts()->set_content(content);
    request_.mutable_body_parts(request_.body_parts_size() - 1)->set_form(form);
  };
  add("--b\r\n", v1::BODY_FORM_LITERAL);
  add("{{ x }}", v1::BODY_FORM_TEXT);
  add("{{ x }}", v1::BODY_FORM_LITERAL);
  ASSERT_TRUE(Fill("ab"));
  EXPECT_EQ(bytes_.body(), "--b\r\nab{{ x }}");
  EXPECT_THAT(bytes_.wire, HasSubstr("\r\nContent-Length: 14\r\n"));
}

TEST_F(RequestTexts, ThatAskForSetupsValuesAloneAreTheSameForAll) {
  request_.set_method("POST");
  request_.set_target("/a?t={{ setup.token }}");
  request_.set_body("{\"t\": \"{{ setup.token }}\"}");
  request_.set_body_form(v1::BODY_FORM_JSON);
  const auto no_slot = [](const std::string&) -> absl::StatusOr<uint32_t> { return 0u; };
  const auto text = RequestText::Of(request_, true, true, no_slot, {{"token", "a \"{{b}}"}});
  ASSERT_TRUE(text.ok()) << text.status();
  ASSERT_TRUE((*text)->constant());
  ASSERT_TRUE((*text)->FillOnce(&bytes_).ok());
  EXPECT_THAT(bytes_.wire, HasSubstr("POST /a?t=a%20\"{{b}} HTTP/1.1\r\n"));
  EXPECT_EQ(bytes_.body(), "{\"t\": \"a \\\"{{b}}\"}");
  EXPECT_EQ(FieldOf("content-length"), std::to_string(bytes_.body().size()));
  request_.set_target("/a?t={{ setup.token }}&i={{ iteration }}");
  EXPECT_FALSE((*RequestText::Of(request_, true, true, no_slot, {{"token", "a"}}))->constant());
}

TEST_F(RequestTexts, OfSetupThatNoRequestCanBeMadeOfAreRefusedWhenTheyArePrepared) {
  const auto no_slot = [](const std::string&) -> absl::StatusOr<uint32_t> { return 0u; };
  request_.set_target("/{{ setup.next }}");
  const std::string next(limits::kTargetBytes, 'x');
  const auto text = RequestText::Of(request_, true, true, no_slot, {{"next", next}});
  ASSERT_TRUE(text.ok());
  EXPECT_FALSE((*text)->FillOnce(&bytes_).ok());
  Header("{{ setup.next }}");
  EXPECT_FALSE(RequestText::Of(request_, true, true, no_slot, {{"next", "/a\nb"}}).ok());
}

}  // namespace
}  // namespace loadfleet
