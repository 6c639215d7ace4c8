#include "loadctl/import/plan_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;
using testing::Not;

ImportedRequest Get(const std::string& url) {
  ImportedRequest request;
  request.where = "list:1";
  request.url = url;
  return request;
}

Imported Of(std::vector<ImportedRequest> requests) {
  Imported imported;
  imported.from = "a test";
  imported.requests = std::move(requests);
  return imported;
}

std::string Written(Imported imported, const ImportLoad& load = {}) {
  const absl::StatusOr<std::string> text = WritePlan(std::move(imported), load);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

std::string ErrorOf(Imported imported) {
  return std::string(WritePlan(std::move(imported), {}).status().message());
}

TEST(PlanWriter, WritesOneRequestInTheShortForm) {
  ImportedRequest request = Get("https://shop.test/api/orders?x=1#top");
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}, {"X-Odd", "${HOME} # 'x'"}};
  request.body = "{\"a\":1}\n";
  Imported imported = Of({request});
  imported.insecure = true;
  imported.http_version = "2";
  AddNote("Mind the gap.\nrate: 5", &imported);
  const std::string text = Written(imported, {"5/s", "", "1m"});
  EXPECT_EQ(text, R"(# Made by loadctl import from a test.
# Mind the gap.rate: 5
target: https://shop.test
post: /api/orders?x=1
headers:
  Content-Type: application/json
  X-Odd: '$${HOME} # ''x'''
body: "{\"a\":1}\n"
rate: 5/s
duration: 1m
defaults:
  http:
    version: 2
    tls: {insecure: true}
)");
  const v1::Plan plan = PlanOf(text);
  const v1::Request& read = plan.flows(0).steps(0).request();
  EXPECT_EQ(read.method(), "POST");
  EXPECT_EQ(read.target(), "/api/orders?x=1");
  EXPECT_EQ(read.origin().host(), "shop.test");
  EXPECT_EQ(read.headers(1).value(), "${HOME} # 'x'");
  EXPECT_EQ(read.body(), "{\"a\":1}\n");
  EXPECT_EQ(read.version(), v1::HTTP_VERSION_2);
  EXPECT_TRUE(plan.tls().insecure());
}

TEST(PlanWriter, WritesSeveralRequestsAsTheStepsOfOneFlow) {
  ImportedRequest second = Get("http://shop.test:8080/cart");
  second.headers = {{"Accept", "*/*"}, {"X-Only", "here"}};
  second.think = 1500 * kMillisecond;
  ImportedRequest first = Get("http://shop.test:8080/");
  first.headers = {{"Accept", "*/*"}};
  ImportedRequest third = Get("http://[::1]:9/cart");
  third.headers = first.headers;
  EXPECT_EQ(Written(Of({first, second, third})), R"(# Made by loadctl import from a test.
target: http://shop.test:8080
defaults:
  http:
    headers:
      Accept: '*/*'
scenarios:
  imported:
    executor: constant-vus
    flow: imported
    vus: 1
    duration: 30s
flows:
  imported:
    steps:
      - request: /
        get: /
      - think: 1.5s
      - request: cart
        get: /cart
        headers:
          X-Only: here
      - request: cart-2
        get: 'http://[::1]:9/cart'
)");
  EXPECT_THAT(Written(Of({first, second}), {"7/s", "", ""}),
              HasSubstr("executor: constant-arrival-rate\n    flow: imported\n    rate: 7/s\n"));
}

TEST(PlanWriter, GivesEveryRequestAShortNameOfItsOwn) {
  ImportedRequest named = Get("http://a/x");
  named.name = "cart";
  const std::string text =
      Written(Of({Get("http://a/cart/"), Get("http://a/cart?b"), named, Get("http://a/cart-2"),
                  Get("http://a/"), Get("http://a/v1/" + std::string(40, 'x') + "/y/z")}));
  for (const char* name : {"cart", "cart-2", "cart-3", "cart-2-2", "/", "y/z"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("request: ", name, "\n"))) << name;
  }
}

TEST(PlanWriter, RefusesWhatThePlanCompilerWouldRefuse) {
  ImportedRequest request = Get("http://a/with space");
  EXPECT_THAT(ErrorOf(Of({request})), HasSubstr("list:1: percent-encode spaces"));
  request = Get("http://me@a/");
  EXPECT_THAT(ErrorOf(Of({request})), HasSubstr("list:1: user information"));
  request = Get("http://a/");
  request.headers = {{"Bad Name", "x"}};
  EXPECT_THAT(ErrorOf(Of({request})), HasSubstr("list:1: header `Bad Name`: not a header name"));
  request.headers = {{"X", "a\nb"}};
  EXPECT_THAT(ErrorOf(Of({request})), HasSubstr("control character"));
}

TEST(PlanWriter, RefusesWhatAPlanCannotSay) {
  ImportedRequest request = Get("http://a/");
  request.body = "\xff\xfe";
  EXPECT_THAT(ErrorOf(Of({request})), HasSubstr("list:1: the body is not UTF-8 text"));
  request.body = "Hello {{ name }}";
  EXPECT_THAT(ErrorOf(Of({request})), HasSubstr("list:1: `{{` is in it"));
  request.body = std::string(2 << 20, 'x');
  EXPECT_THAT(ErrorOf(Of({request})), HasSubstr("the limit is 1MiB"));
}

TEST(PlanWriter, LeavesOutWithANoteWhereTheFormatAllowsIt) {
  Imported imported = Of({Get("http://a/good"), Get("http://a/bad bad")});
  imported.leave_out = true;
  const std::string text = Written(imported);
  EXPECT_THAT(text, HasSubstr("# Left out: GET http://a/bad bad: percent-encode"));
  EXPECT_THAT(text, HasSubstr("get: /good\n"));
  EXPECT_THAT(text, Not(HasSubstr("scenarios:")));
  imported.requests = {Get("http://a/bad bad")};
  EXPECT_THAT(ErrorOf(imported), HasSubstr("a test: no request that a plan can hold\n  Left out"));
}

TEST(PlanWriter, NotesNoMoreThanAnybodyReads) {
  Imported imported = Of({Get("http://a/good")});
  for (int i = 0; i < 150; ++i) imported.requests.push_back(Get(absl::StrCat("http://a/b ", i)));
  imported.leave_out = true;
  const std::string text = Written(imported);
  EXPECT_THAT(text, HasSubstr("# Left out: GET http://a/b 99: "));
  EXPECT_THAT(text, HasSubstr("# And 50 more like these.\n"));
  EXPECT_THAT(text, Not(HasSubstr("http://a/b 100:")));
}

TEST(PlanWriter, LooksAtNoMoreRequestsThanAPlanHas) {
  Imported imported;
  imported.from = "a test";
  for (int i = 0; i < 1'001; ++i) imported.requests.push_back(Get("http://a/"));
  imported.requests.push_back(Get("http://a/bad bad"));
  EXPECT_EQ(ErrorOf(imported), "a test: 1002 requests, the limit of a plan is 1000");
}

TEST(PlanWriter, SaysWhichFlagOfTheLoadIsWrong) {
  EXPECT_TRUE(CheckLoad({}).ok());
  EXPECT_TRUE(CheckLoad({"100/s", "", "5m"}).ok());
  EXPECT_THAT(CheckLoad({"fast", "", ""}).message(), HasSubstr("--rate: `rate`: "));
  EXPECT_THAT(CheckLoad({"", "0", ""}).message(), HasSubstr("--vus: `vus`: expected 1 to"));
  EXPECT_THAT(CheckLoad({"", "", "soon"}).message(), HasSubstr("--duration: `duration`: "));
}

}  // namespace
}  // namespace loadfleet
