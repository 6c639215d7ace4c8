// A request made into another, in both versions of HTTP.
#include "agent/http/request_changes.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "agent/http/request_bytes.h"

namespace loadfleet {
namespace {

class Changes : public ::testing::Test {
 protected:
  Changes() {
    request_.set_method("POST");
    request_.mutable_origin()->set_scheme(v1::SCHEME_HTTP);
    request_.mutable_origin()->set_host("shop.test");
    request_.mutable_origin()->set_port(80);
    request_.set_target("/login?x");
    request_.set_body("a=1");
    Header("Content-Type", "text/plain");
    Header("X-A", "1");
  }
  void Header(const std::string& name, const std::string& value) {
    request_.add_headers()->set_name(name);
    request_.mutable_headers(request_.headers_size() - 1)->set_value(value);
  }
  void Change() {
    RequestBytes from;
    from.wire = RenderRequest(request_, true);
    from.body_size = request_.body().size();
    from.fields = RequestFields(request_);
    ChangeRequest(from, changes_, &to_);
  }
  std::string Fields() {
    std::string text;
    for (const HeaderField& field : to_.fields) {
      absl::StrAppend(&text, field.name, "=", field.value, "\n");
    }
    return text;
  }

  v1::Request request_;
  RequestChanges changes_;
  RequestBytes to_;
};

TEST_F(Changes, NoneLeaveItAsItWas) {
  Change();
  EXPECT_EQ(to_.wire, RenderRequest(request_, true));
  EXPECT_EQ(to_.body(), "a=1");
  EXPECT_EQ(to_.fields.size(), RequestFields(request_).size());
  EXPECT_EQ(TargetOf(to_), "/login?x");
  EXPECT_EQ(HeaderOf(to_, "x-a"), "1");
  EXPECT_EQ(HeaderOf(to_, "cookie"), "");
}

TEST_F(Changes, CookiesFollowTheRest) {
  changes_.cookies = "a=1; b=2";
  Change();
  EXPECT_EQ(HeaderOf(to_, "cookie"), "a=1; b=2");
  EXPECT_EQ(to_.body(), "a=1");
  EXPECT_EQ(to_.fields.back().name, "cookie");
  EXPECT_EQ(to_.fields.back().value, "a=1; b=2");
}

TEST_F(Changes, CookiesJoinThoseOfThePlanInOneHeader) {
  Header("Cookie", "mine=0");
  changes_.cookies = "a=1";
  Change();
  EXPECT_EQ(HeaderOf(to_, "cookie"), "mine=0; a=1");
  EXPECT_NE(Fields().find("cookie=mine=0; a=1\n"), std::string::npos);
}

TEST_F(Changes, WithoutItsBodyItHasNoFieldsOfOne) {
  changes_.method = "GET";
  changes_.target = "/home";
  changes_.without_body = true;
  Change();
  EXPECT_EQ(to_.wire,
            "GET /home HTTP/1.1\r\nHost: shop.test\r\nX-A: 1\r\nUser-Agent: loadfleet\r\n\r\n");
  EXPECT_EQ(to_.body(), "");
  EXPECT_EQ(Fields(),
            ":method=GET\n:scheme=http\n:authority=shop.test\n:path=/home\nx-a=1\n"
            "user-agent=loadfleet\n");
}

TEST_F(Changes, ElsewhereItHasAnotherNameAndNoCredentials) {
  Header("Authorization", "Bearer t");
  Header("Cookie", "mine=0");
  const OriginName other = {true, "::1", 8443};
  changes_.origin = &other;
  changes_.without_credentials = true;
  changes_.cookies = "a=1";
  Change();
  EXPECT_EQ(HeaderOf(to_, "host"), "[::1]:8443");
  EXPECT_EQ(HeaderOf(to_, "authorization"), "");
  EXPECT_EQ(HeaderOf(to_, "cookie"), "a=1");
  EXPECT_NE(Fields().find(":scheme=https\n:authority=[::1]:8443\n"), std::string::npos);
  EXPECT_EQ(Fields().find("Bearer"), std::string::npos);
  EXPECT_EQ(Fields().find("mine"), std::string::npos);
  EXPECT_EQ(to_.body(), "a=1");
}

TEST_F(Changes, FieldsAreMadeOnlyWhereThereAreSome) {
  RequestBytes from;
  from.wire = RenderRequest(request_, true);
  from.body_size = 3;
  changes_.cookies = "a=1";
  ChangeRequest(from, changes_, &to_);
  EXPECT_TRUE(to_.fields.empty());
}

}  // namespace
}  // namespace loadfleet
