#include "common/web/http_listener.h"

#include <gmock/gmock.h>

#include "tests/unit/web/raw_http.h"

namespace loadfleet {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpListenerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto listener = HttpListener::Start("127.0.0.1:0", false,
                                        {{"/page", [] {
                                            return HttpResponse{503, "text/x-test", "the page\n"};
                                          }}});
    ASSERT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
  }

  std::unique_ptr<HttpListener> listener_;
};

TEST_F(HttpListenerTest, AnswersGetWithWhatTheHandlerSays) {
  const std::string reply = Get(listener_->port(), "/page?query=ignored");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(reply, HasSubstr("Content-Type: text/x-test\r\n"));
  EXPECT_THAT(reply, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(reply, EndsWith("\r\n\r\nthe page\n"));
}

TEST_F(HttpListenerTest, AnswersHeadWithoutTheBody) {
  const std::string reply =
      Exchange(listener_->port(), "HEAD /page HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(reply, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(reply, EndsWith("\r\n\r\n"));
}

TEST_F(HttpListenerTest, KnowsNoOtherPathAndServesNoFiles) {
  for (const char* path : {"/", "/other", "/page/", "/pagetwo", "/etc/passwd", "/../etc/passwd"}) {
    EXPECT_THAT(Get(listener_->port(), path), StartsWith("HTTP/1.1 404 ")) << path;
  }
}

TEST_F(HttpListenerTest, RefusesOtherMethodsWithoutReadingTheirBody) {
  const std::string reply =
      Exchange(listener_->port(),
               "POST /page HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(reply, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(HttpListenerTest, SurvivesBytesThatAreNoHttp) {
  Exchange(listener_->port(), "\x16\x03\x01 garbage\r\n\r\n");
  Exchange(listener_->port(), "GET /page HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
  EXPECT_THAT(Get(listener_->port(), "/page"), StartsWith("HTTP/1.1 503 "));
}

TEST_F(HttpListenerTest, NamesThePortThatIsInUse) {
  const std::string taken = "127.0.0.1:" + std::to_string(listener_->port());
  const auto second = HttpListener::Start(taken, false, {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(second.status().message(), "cannot listen on " + taken + ": address in use");
}

TEST_F(HttpListenerTest, GivesThePortBackWhenItEnds) {
  const std::string address = "127.0.0.1:" + std::to_string(listener_->port());
  listener_.reset();
  EXPECT_TRUE(HttpListener::Start(address, false, {}).ok());
}

TEST(HttpListener, SaysWhyAnAddressThatIsNotThisMachinesCannotBeListenedOn) {
  // 192.0.2.0/24 is set aside for documentation (RFC 5737): no machine has it.
  const auto listener = HttpListener::Start("192.0.2.1:0", true, {});
  EXPECT_EQ(listener.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(listener.status().message()), HasSubstr("annot assign"));
}

TEST(HttpListener, StaysOnLoopbackUnlessToldOtherwise) {
  const auto refused = HttpListener::Start("0.0.0.0:0", false, {});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("--insecure-listen"));
  EXPECT_TRUE(HttpListener::Start("0.0.0.0:0", true, {}).ok());
}

}  // namespace
}  // namespace loadfleet
