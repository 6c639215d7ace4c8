#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::Request RequestOf(const std::string& request) {
  return PlanOf("target: http://shop.test:8080\nrate: 1/s\nduration: 1s\n" + request)
      .flows(0)
      .steps(0)
      .request();
}

std::vector<std::string> HeadersOf(const v1::Request& request) {
  std::vector<std::string> lines;
  for (const v1::Header& header : request.headers()) {
    lines.push_back(absl::StrCat(header.name(), ": ", header.value()));
  }
  return lines;
}

TEST(Method, IsTheKeyOfThePath) {
  for (const char* method : {"get", "post", "put", "patch", "delete", "head", "options"}) {
    const v1::Request request = RequestOf(absl::StrCat(method, ": /x?y=1\n"));
    EXPECT_EQ(request.method(), absl::AsciiStrToUpper(method));
    EXPECT_EQ(request.target(), "/x?y=1");
    EXPECT_EQ(request.name(), "x");
  }
  EXPECT_EQ(RequestOf("get: /\n").name(), "/");
}

TEST(Path, MayBeAnAbsoluteUrlThatOverrulesTheTarget) {
  const v1::Request request = RequestOf("get: http://Other.test/x\n");
  EXPECT_EQ(request.origin().host(), "other.test");
  EXPECT_EQ(request.origin().port(), 80u);
  EXPECT_EQ(request.target(), "/x");
  EXPECT_EQ(PlanOf("get: http://alone.test/\nvus: 1\nduration: 1s\n").name(), "plan");
}

TEST(Headers, OfTheRequestReplaceDefaultsWhateverTheCase) {
  EXPECT_THAT(HeadersOf(RequestOf("defaults: {http: {headers: {Accept: a, X-From: default}}}\n"
                                  "headers: {x-from: own, X-More: more}\nget: /\n")),
              ElementsAre("Accept: a", "x-from: own", "X-More: more"));
}

TEST(Headers, KeepTheirValuesWithoutTheSpaceAround) {
  EXPECT_THAT(
      HeadersOf(RequestOf("get: /\nheaders: {A: \" a  b \", B: \"\", Host: virtual, "
                          "N: 5, T: \"a\\tb\", U: gr\xc3\xbc\xc3\x9f}\n")),
      ElementsAre("A: a  b", "B: ", "Host: virtual", "N: 5", "T: a\tb", "U: gr\xc3\xbc\xc3\x9f"));
}

TEST(Headers, AreLimitedInNumberAndSize) {
  std::string many = "headers: {";
  for (int i = 0; i < 101; ++i) absl::StrAppend(&many, "H", i, ": x, ");
  EXPECT_THAT(ProblemsOf(SourceOf(ShortPlan(many + "}\n"))),
              ElementsAre("plan.yaml:5:1: `headers` has 101 entries, the limit is 100"));
  const std::string large = "headers: {H: " + std::string(8192, 'x') + "}\n";
  EXPECT_THAT(ProblemsOf(SourceOf(ShortPlan(large))),
              ElementsAre("plan.yaml:5:14: header `H`: 8193 bytes, the limit is 8192"));
}

TEST(Body, IsTheTextAsItStands) {
  EXPECT_EQ(RequestOf("post: /\nbody: \"a\\r\\n\\0b\"\n").body(), std::string("a\r\n\0b", 5));
  EXPECT_EQ(RequestOf("post: /\nbody: |\n  {\"a\": 1}\n").body(), "{\"a\": 1}\n");
  EXPECT_THAT(HeadersOf(RequestOf("post: /\nbody: x\n")), IsEmpty());
}

TEST(Json, KeepsOrderNumbersAndTypes) {
  const struct {
    const char* yaml;
    const char* json;
  } cases[] = {
      {"{b: 1, a: 2}", R"({"b":1,"a":2})"},
      {"[]", "[]"},
      {"{}", "{}"},
      {"[1, -0.5, 1e400, 12345678901234567890]", "[1,-0.5,1e400,12345678901234567890]"},
      {"[true, false, null, ~]", "[true,false,null,null]"},
      {"[\"1\", 'true', \"null\"]", R"(["1","true","null"])"},
      {"[yes, 0x10, .5, 01, 1., +1, .nan, .inf, 1_000]",
       R"(["yes","0x10",".5","01","1.","+1",".nan",".inf","1_000"])"},
      {"[\"a\\\"b\\\\c\\n\"]", R"(["a\"b\\c\n"])"},
      {"{a: {b: [{c: d}]}}", R"({"a":{"b":[{"c":"d"}]}})"},
      {"[\"gr\xc3\xbc\xc3\x9f\"]", "[\"gr\xc3\xbc\xc3\x9f\"]"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(RequestOf(absl::StrCat("post: /\njson: ", c.yaml, "\n")).body(), c.json) << c.yaml;
  }
}

TEST(Json, HasItsContentTypeUnlessTheAuthorSetsOne) {
  EXPECT_THAT(HeadersOf(RequestOf("post: /\njson: {}\n")),
              ElementsAre("Content-Type: application/json"));
  EXPECT_THAT(HeadersOf(RequestOf("post: /\njson: {}\nheaders: {content-type: text/x}\n")),
              ElementsAre("content-type: text/x"));
}

}  // namespace
}  // namespace loadfleet
