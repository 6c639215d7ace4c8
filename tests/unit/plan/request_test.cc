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

TEST(Form, IsEncodedButForWhatIsFilledIn) {
  const v1::Request request = RequestOf(
      "post: /\nform: {user name: \"a&b=c d\", \"n\": \"{{ random_int(1, 2) }}/{{uuid}}\"}\n");
  EXPECT_EQ(request.body(), "user+name=a%26b%3Dc+d&n={{ random_int(1, 2) }}%2F{{uuid}}");
  EXPECT_EQ(request.body_form(), v1::BODY_FORM_URLENCODED);
  EXPECT_THAT(HeadersOf(request), ElementsAre("Content-Type: application/x-www-form-urlencoded"));
}

TEST(BodyFile, IsCarriedAlongAndFilledInOnlyWhenItIsNamedSo) {
  v1::PlanSource source = SourceOf(
      "target: http://shop.test\nscenarios: {a: {executor: constant-vus, flow: f, vus: 1, "
      "duration: 1s}}\nflows: {f: {steps: [{request: a, post: /, body_file: b.bin}, "
      "{request: b, post: /, body_file: c.json.tmpl}]}}\n");
  EXPECT_EQ(CompilePlan(source).files, (std::vector<std::string>{"b.bin", "c.json.tmpl"}));
  (*source.mutable_files())["b.bin"] = "{{ anything";
  (*source.mutable_files())["c.json.tmpl"] = "{{ uuid }}";
  const v1::Plan plan = PlanOf(source);
  EXPECT_EQ(plan.flows(0).steps(0).request().body(), "{{ anything");
  EXPECT_EQ(plan.flows(0).steps(0).request().body_form(), v1::BODY_FORM_LITERAL);
  EXPECT_EQ(plan.flows(0).steps(1).request().body_form(), v1::BODY_FORM_TEXT);
}

TEST(Auth, IsAHeader) {
  EXPECT_THAT(
      HeadersOf(RequestOf("get: /\nauth: {basic: {user: Aladdin, password: open sesame}}\n")),
      ElementsAre("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
  EXPECT_THAT(HeadersOf(RequestOf("get: /\nauth: {bearer: \"{{ uuid }}\"}\n")),
              ElementsAre("Authorization: Bearer {{ uuid }}"));
}

TEST(Expect, IsOneCheckForEachThing) {
  const v1::Request request = RequestOf(
      "get: /\nexpect:\n  status: [200, 4xx]\n  header: {Content-Type: /json/, X-A: b}\n"
      "  body_contains: a\n  body_matches: b+\n  json: {$.a: 5, $.b: \"5\", $.c: null}\n"
      "  response_time: < 200ms\n");
  ASSERT_EQ(request.expect_size(), 9);
  EXPECT_EQ(request.expect(0).status().ranges(1).first(), 400u);
  EXPECT_EQ(request.expect(0).status().ranges(1).last(), 499u);
  EXPECT_EQ(request.expect(1).header().name(), "content-type");
  EXPECT_EQ(request.expect(1).header().matches(), "json");
  EXPECT_EQ(request.expect(2).header().equals(), "b");
  EXPECT_EQ(request.expect(5).json().equals(), "5");
  EXPECT_EQ(request.expect(6).json().equals(), "\"5\"");
  EXPECT_EQ(request.expect(7).json().equals(), "null");
  EXPECT_EQ(request.expect(8).response_time_ns(), 200'000'000);
}

TEST(Capture, HasASourceAndMayBeOptional) {
  const v1::Request request = RequestOf(
      "get: /\ncapture: {a: {json: $.a}, b: {header: Location, optional: true}, c: {cookie: "
      "sid}}\n");
  ASSERT_EQ(request.capture_size(), 3);
  EXPECT_EQ(request.capture(0).json(), "$.a");
  EXPECT_FALSE(request.capture(0).optional());
  EXPECT_EQ(request.capture(1).header(), "location");
  EXPECT_TRUE(request.capture(1).optional());
  EXPECT_EQ(request.capture(2).cookie(), "sid");
}

TEST(Templates, StandInPathsOfThePlansHostAndOfOthers) {
  EXPECT_EQ(RequestOf("get: \"/a/{{ uuid }}?b={{ iteration }}\"\n").target(),
            "/a/{{ uuid }}?b={{ iteration }}");
  const v1::Request other = RequestOf("get: \"http://other.test:81/{{ agent }}/x\"\n");
  EXPECT_EQ(other.origin().host(), "other.test");
  EXPECT_EQ(other.origin().port(), 81u);
  EXPECT_EQ(other.target(), "/{{ agent }}/x");
  const v1::Request whole = RequestOf("get: \"{{ x }}\"\ncapture: {x: {status: true}}\n");
  EXPECT_EQ(whole.target(), "{{ x }}");
  EXPECT_EQ(whole.origin().host(), "shop.test");
}

// What a body of parts is once it is put together.
std::string BodyOfParts(const v1::Request& request) {
  std::string body;
  for (const v1::BodyPart& part : request.body_parts()) body += part.content();
  return body;
}

v1::Request WithFiles(const std::string& request,
                      const std::vector<std::pair<std::string, std::string>>& files) {
  v1::PlanSource source = SourceOf("target: http://shop.test\nvus: 1\nduration: 1s\n" + request);
  for (const auto& [name, content] : files) (*source.mutable_files())[name] = content;
  return PlanOf(source).flows(0).steps(0).request();
}

TEST(Multipart, IsSentAsABrowserSendsAFormWithFiles) {
  const v1::Request request = WithFiles(
      "post: /upload\n"
      "multipart: [{name: title, text: Hello}, {name: photo, file: img/a.png}]\n",
      {{"img/a.png", "PNG"}});
  const std::vector<std::string> headers = HeadersOf(request);
  ASSERT_EQ(headers.size(), 1u);
  constexpr char kType[] = "Content-Type: multipart/form-data; boundary=";
  ASSERT_THAT(headers[0], ::testing::StartsWith(kType));
  const std::string boundary = headers[0].substr(sizeof(kType) - 1);
  EXPECT_EQ(
      BodyOfParts(request),
      absl::StrCat("--", boundary, "\r\nContent-Disposition: form-data; name=\"title\"\r\n",
                   "\r\nHello\r\n--", boundary,
                   "\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\n",
                   "Content-Type: image/png\r\n\r\nPNG\r\n--", boundary, "--\r\n"));
}

TEST(Multipart, NamesAndTypesAreThePlansToSay) {
  const std::string body = BodyOfParts(WithFiles(
      "post: /\nmultipart: [{name: 'a \"b\"', text: '{}', content_type: application/json, "
      "filename: x.json}, {name: c, file: raw, filename: c.bin}]\n",
      {{"raw", "1"}}));
  EXPECT_THAT(body, HasSubstr("name=\"a %22b%22\"; filename=\"x.json\"\r\n"
                              "Content-Type: application/json\r\n\r\n{}"));
  EXPECT_THAT(body, HasSubstr("filename=\"c.bin\"\r\nContent-Type: application/octet-stream"));
}

TEST(Multipart, ItsBoundaryIsOfItsContentAndNotInIt) {
  const auto type = [](const std::string& text) {
    return RequestOf("post: /\nmultipart: [{name: a, text: '" + text + "'}]\n").headers(0).value();
  };
  EXPECT_EQ(type("x"), type("x"));
  EXPECT_NE(type("x"), type("y"));
}

TEST(Multipart, TextsAreFilledInAndFilesOnlyWhenTheirNameSaysSo) {
  const v1::Request request = WithFiles(
      "post: /\nmultipart: [{name: a, text: '{{ uuid }}'}, {name: b, file: b.txt}, "
      "{name: c, file: c.tmpl}]\n",
      {{"b.txt", "{{ nobody }}"}, {"c.tmpl", "{{ iteration }}"}});
  ASSERT_EQ(request.body_parts_size(), 7);
  EXPECT_EQ(request.body_parts(1).form(), v1::BODY_FORM_TEXT);
  EXPECT_EQ(request.body_parts(3).form(), v1::BODY_FORM_LITERAL);
  EXPECT_EQ(request.body_parts(5).form(), v1::BODY_FORM_TEXT);
}

TEST(Multipart, ItsTypeTakesThePlaceOfADefault) {
  const auto headers =
      HeadersOf(RequestOf("defaults: {http: {headers: {content-type: text/plain}}}\n"
                          "post: /\nmultipart: [{name: a, text: b}]\n"));
  ASSERT_EQ(headers.size(), 1u);
  EXPECT_THAT(headers[0], ::testing::StartsWith("Content-Type: multipart/form-data; boundary="));
}

TEST(Decompress, SaysWhatCanBeUnpackedUnlessThePlanDoes) {
  EXPECT_FALSE(RequestOf("get: /\n").decompress());
  const v1::Request request = RequestOf("get: /\ndecompress: true\n");
  EXPECT_TRUE(request.decompress());
  EXPECT_THAT(HeadersOf(request), ElementsAre("Accept-Encoding: gzip, deflate, br"));
  EXPECT_THAT(HeadersOf(RequestOf("get: /\ndecompress: true\nheaders: {accept-encoding: br}\n")),
              ElementsAre("accept-encoding: br"));
}

TEST(Resolve, SaysWhereHostsAreInsteadOfDns) {
  const v1::DnsPolicy dns =
      PlanOf(ShortPlan("resolve: {Shop.test: [10.0.0.7, '::1'], a_b: 127.0.0.1}\n")).dns();
  ASSERT_EQ(dns.hosts_size(), 2);
  EXPECT_EQ(dns.hosts(0).host(), "shop.test");
  EXPECT_THAT(dns.hosts(0).addresses(), ElementsAre("10.0.0.7", "::1"));
  EXPECT_EQ(dns.hosts(1).host(), "a_b");
  EXPECT_THAT(dns.hosts(1).addresses(), ElementsAre("127.0.0.1"));
}

}  // namespace
}  // namespace loadfleet
