#include "loadctl/import/url_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

using testing::HasSubstr;

absl::StatusOr<std::string> OneFile(const std::string& path) {
  if (path == "lists/body.json") return "{}";
  return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
}

std::vector<ImportedRequest> Requests(const std::string& text) {
  const absl::StatusOr<Imported> imported = ImportUrls(text, "lists/urls.txt", OneFile);
  EXPECT_TRUE(imported.ok()) << imported.status();
  return imported.ok() ? imported->requests : std::vector<ImportedRequest>(1);
}

std::string ErrorOf(const std::string& text) {
  return std::string(ImportUrls(text, "lists/urls.txt", OneFile).status().message());
}

TEST(ImportUrls, ALineIsAUrlWithOrWithoutAMethod) {
  const std::vector<ImportedRequest> requests =
      Requests("# mine\nhttp://a/1\r\n\n  delete http://a/2  \nHEAD HTTPS://a/3\n");
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].method, "GET");
  EXPECT_EQ(requests[0].url, "http://a/1");
  EXPECT_EQ(requests[0].where, "lists/urls.txt:2");
  EXPECT_EQ(requests[1].method, "DELETE");
  EXPECT_EQ(requests[2].url, "HTTPS://a/3");
}

TEST(ImportUrls, HeadersAndABodyFollowAsVegetaHasThem) {
  const std::vector<ImportedRequest> requests = Requests(
      "POST http://a/1\nContent-Type: application/json\nX-A: b: c\n@body.json\n\nGET http://a/2\n");
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].body, "{}");
  EXPECT_EQ(*FindHeader(requests[0], "x-a"), "b: c");
  EXPECT_EQ(requests[1].body, "");
}

TEST(ImportUrls, DataFollowsTheUrlAsSiegeHasIt) {
  const std::vector<ImportedRequest> requests =
      Requests("http://a/1 POST a=1&b=x y\nhttp://a/2 post <body.json\n");
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].body, "a=1&b=x y");
  EXPECT_EQ(*FindHeader(requests[0], "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(requests[1].body, "{}");
}

TEST(ImportUrls, AMistakeHasItsFileAndLine) {
  EXPECT_EQ(ErrorOf("\nlocalhost/ping"),
            "lists/urls.txt:2: expected a URL or `METHOD URL`, with http:// or https://, got "
            "\"localhost/ping\"");
  EXPECT_THAT(ErrorOf("http://a/\nnonsense"), HasSubstr("lists/urls.txt:2: expected a URL, "));
  EXPECT_THAT(ErrorOf("TRACE http://a/"), HasSubstr(":1: a plan cannot have the method \"TRACE\""));
  EXPECT_THAT(ErrorOf("GET http://a/ b"), HasSubstr(":1: nothing is expected after the URL"));
  EXPECT_THAT(ErrorOf("http://a/ b"), HasSubstr(":1: nothing is expected after the URL"));
  EXPECT_EQ(ErrorOf("http://a/\n@gone"), "lists/urls.txt:2: cannot read lists/gone");
  EXPECT_EQ(ErrorOf("# nothing\n"), "lists/urls.txt: there is no URL in it");
}

TEST(ImportUrls, HasAsManyRequestsAsAPlanCanHold) {
  std::string text;
  for (int i = 0; i <= 1000; ++i) text += "http://a/\n";
  EXPECT_EQ(ErrorOf(text), "lists/urls.txt:1001: more URLs than the 1000 requests of a plan");
}

}  // namespace
}  // namespace loadfleet
