#include "loadctl/import/curl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

absl::StatusOr<std::string> OneFile(const std::string& path) {
  if (path == "data.txt") return "a=1\r\nb 2\n";
  return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
}

Imported Import(const std::string& command) {
  absl::StatusOr<Imported> imported = ImportCurl(command, OneFile);
  EXPECT_TRUE(imported.ok()) << imported.status();
  if (!imported.ok()) return {{}, {{}}, {}, {}, false, false};
  EXPECT_EQ(imported->requests.size(), 1u);
  return *std::move(imported);
}

ImportedRequest Request(const std::string& command) {
  return Import(command).requests.front();
}

std::vector<std::string> Headers(const std::string& command) {
  std::vector<std::string> lines;
  for (const ImportedHeader& header : Request(command).headers) {
    lines.push_back(absl::StrCat(header.name, ": ", header.value));
  }
  return lines;
}

std::string ErrorOf(const std::string& command) {
  return std::string(ImportCurl(command, OneFile).status().message());
}

TEST(ImportCurl, AUrlAloneIsAGet) {
  const ImportedRequest request = Request("curl http://shop.test:8080/a?b=c#top");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "http://shop.test:8080/a?b=c");
  EXPECT_THAT(request.headers, IsEmpty());
  EXPECT_EQ(Request("$ /usr/bin/curl shop.test/a").url, "http://shop.test/a");
  EXPECT_EQ(Request("curl --url http://a/").url, "http://a/");
  EXPECT_EQ(Request("curl -s -- http://a/").url, "http://a/");
}

TEST(ImportCurl, ABodyIsPostedAsAForm) {
  const ImportedRequest request = Request("curl -d a=1 --data 'b=x y' http://a/");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body, "a=1&b=x y");
  EXPECT_THAT(Headers("curl -d a=1 http://a/"),
              ElementsAre("Content-Type: application/x-www-form-urlencoded"));
  EXPECT_THAT(Headers("curl -d '{}' -H 'content-type: application/json' http://a/"),
              ElementsAre("content-type: application/json"));
  EXPECT_THAT(Headers("curl -d '{}' -H 'Content-Type:' http://a/"), IsEmpty());
}

TEST(ImportCurl, TheWaysToGiveDataDiffer) {
  EXPECT_EQ(Request("curl -d @data.txt http://a/").body, "a=1b 2");
  EXPECT_EQ(Request("curl --data-binary @data.txt http://a/").body, "a=1\r\nb 2\n");
  EXPECT_EQ(Request("curl --data-raw @data.txt http://a/").body, "@data.txt");
  EXPECT_EQ(Request("curl --data-urlencode 'a=b c&d' http://a/").body, "a=b%20c%26d");
  EXPECT_EQ(Request("curl --data-urlencode '=b c' http://a/").body, "b%20c");
  EXPECT_EQ(Request("curl --data-urlencode 'b c' http://a/").body, "b%20c");
  EXPECT_EQ(Request("curl --data-urlencode a@data.txt http://a/").body, "a=a%3D1%0D%0Ab%202%0A");
  EXPECT_EQ(Request("curl --json '{' --json '}' http://a/").body, "{}");
  EXPECT_THAT(Headers("curl --json '{}' http://a/"),
              ElementsAre("Content-Type: application/json", "Accept: application/json"));
}

TEST(ImportCurl, TheMethodIsWhatIsAskedFor) {
  EXPECT_EQ(Request("curl -X put http://a/").method, "PUT");
  EXPECT_EQ(Request("curl -XDELETE http://a/").method, "DELETE");
  EXPECT_EQ(Request("curl -I http://a/").method, "HEAD");
  EXPECT_EQ(Request("curl -G -d a=1 -d b=2 http://a/?c").url, "http://a/?c&a=1&b=2");
  EXPECT_EQ(Request("curl --get --data a=1 http://a/").method, "GET");
  EXPECT_EQ(Request("curl --get --data a=1 http://a/").body, "");
  EXPECT_EQ(ErrorOf("curl -X TRACE http://a/"), "curl -X: a plan cannot have the method \"TRACE\"");
}

TEST(ImportCurl, HeadersOfEveryKindAreTaken) {
  EXPECT_THAT(
      Headers("curl -H 'X-One: 1' --header 'X-Two:2:3' -H 'X-None;' -H 'X-One: 2' -A ua/1 "
              "-e http://r/ -u me:pass -b 'a=1; b=2' -b c=3 --compressed http://a/"),
      ElementsAre("X-One: 1, 2", "X-Two: 2:3", "X-None: ", "User-Agent: ua/1", "Referer: http://r/",
                  "Authorization: Basic bWU6cGFzcw==", "Cookie: a=1; b=2; c=3"));
}

TEST(ImportCurl, WhatFramesAMessageIsTheAgentsToWrite) {
  const Imported imported = Import("curl -H 'Content-Length: 7' -d a http://a/");
  EXPECT_EQ(imported.requests[0].headers.size(), 1u);
  EXPECT_THAT(imported.notes, ElementsAre(HasSubstr("`Content-Length` headers were left out")));
}

TEST(ImportCurl, TlsAndVersionBelongToTheWholePlan) {
  EXPECT_TRUE(Import("curl -k https://a/").insecure);
  EXPECT_EQ(Import("curl --http1.1 https://a/").http_version, "1.1");
  EXPECT_EQ(Import("curl --http2 https://a/").http_version, "auto");
  EXPECT_EQ(Import("curl --http2-prior-knowledge https://a/").http_version, "2");
  EXPECT_EQ(Import("curl --http2-prior-knowledge http://a/").http_version, "h2c");
}

TEST(ImportCurl, WhatBrowsersCopyIsUnderstood) {
  const ImportedRequest request = Request(R"(curl 'https://shop.test/api/cart' \
  -H 'accept: */*' \
  -H 'content-type: application/json' \
  -b 'sid=1' \
  --data-raw $'{"name":"O\'Neill","note":"a\u0021"}' \
  --compressed \
  --insecure)");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body, R"({"name":"O'Neill","note":"a!"})");
  EXPECT_EQ(*FindHeader(request, "Content-Type"), "application/json");
}

TEST(ImportCurl, AnUnknownOptionIsNamed) {
  EXPECT_EQ(ErrorOf("curl --no-such http://a/"), "curl --no-such: unknown option");
  EXPECT_EQ(ErrorOf("curl -sJ http://a/"), "curl -J: unknown option");
  EXPECT_EQ(ErrorOf("curl http://a/ -H"), "curl -H: its value is missing");
  EXPECT_EQ(ErrorOf("curl --data"), "curl --data: its value is missing");
}

TEST(ImportCurl, WhatAPlanCannotHaveIsNamed) {
  EXPECT_EQ(ErrorOf("curl -T a http://a/"), "curl -T: a plan cannot have this (--upload-file)");
  EXPECT_EQ(ErrorOf("curl --proxy p http://a/"), "curl --proxy: a plan cannot have this (--proxy)");
  EXPECT_THAT(ErrorOf("curl -b jar.txt http://a/"), HasSubstr("a file of cookies"));
  EXPECT_THAT(ErrorOf("curl -u me http://a/"), HasSubstr("user:password"));
  EXPECT_THAT(ErrorOf("curl -H @file http://a/"), HasSubstr("a file of headers"));
}

TEST(ImportCurl, SaysWhatIsWrongWithACommand) {
  EXPECT_THAT(ErrorOf("wget http://a/"), HasSubstr("begins with `curl`"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("begins with `curl`"));
  EXPECT_EQ(ErrorOf("curl -s"), "curl: there is no URL in it");
  EXPECT_THAT(ErrorOf("curl http://a/ http://b/"), HasSubstr("curl http://b/: a second URL"));
  EXPECT_EQ(ErrorOf("curl 'http://a/"), "curl command:1:6: this ' has no end");
  EXPECT_EQ(ErrorOf("curl -d @gone http://a/"), "cannot read gone");
  EXPECT_THAT(ErrorOf("curl -H nonsense http://a/"), HasSubstr("`Name: value` is expected"));
}

TEST(ImportCurl, AFormWithFilesIsOneOfParts) {
  const ImportedRequest request = Request(
      "curl -F 'title=\"Tea; \\\"black\\\"\"' -F "
      "'photo=@img/a.png;type=image/webp;filename=b.webp' "
      "-F 'note=<data.txt' --form-string 'raw=@x;type=y' http://a/");
  EXPECT_EQ(request.method, "POST");
  ASSERT_EQ(request.parts.size(), 4u);
  EXPECT_EQ(request.parts[0].name, "title");
  EXPECT_EQ(request.parts[0].text, "Tea; \"black\"");
  EXPECT_EQ(request.parts[1].file, "img/a.png");
  EXPECT_EQ(request.parts[1].content_type, "image/webp");
  EXPECT_EQ(request.parts[1].filename, "b.webp");
  EXPECT_EQ(request.parts[2].text, "a=1\r\nb 2\n");
  EXPECT_EQ(request.parts[3].text, "@x;type=y");
}

TEST(ImportCurl, AFormThatAPlanCannotHaveIsRefused) {
  EXPECT_THAT(ErrorOf("curl -F photo http://a/"), HasSubstr("`name=content` is expected"));
  EXPECT_THAT(ErrorOf("curl -F a=b -d c http://a/"), HasSubstr("curl -F: does not go with -d"));
  EXPECT_THAT(ErrorOf("curl -F 'a=b;headers=X: 1' http://a/"), HasSubstr(";headers=X: 1"));
  EXPECT_THAT(ErrorOf("curl -F a=@- http://a/"), HasSubstr("standard input is not there"));
}

TEST(ImportCurl, AnUnquotedCommaIsBetweenTwoFiles) {
  EXPECT_THAT(ErrorOf("curl -F 'f=@a.png,b.png' http://a/"),
              HasSubstr("several files in one part cannot be in a plan"));
  EXPECT_THAT(ErrorOf("curl -F 'f=@\"a.png\",b.png' http://a/"), HasSubstr("several files"));
  EXPECT_EQ(Import("curl -F 'f=@\"a,b.png\"' http://a/").requests[0].parts[0].file, "a,b.png");
  EXPECT_EQ(Import("curl -F 'f=a,b' http://a/").requests[0].parts[0].text, "a,b");
}

TEST(ImportCurl, RedirectsAndCompressionAreAsCurlHasThem) {
  const ImportedRequest request = Request("curl -L --compressed http://a/");
  EXPECT_EQ(request.redirects, 50u);
  EXPECT_TRUE(request.decompress);
  EXPECT_THAT(request.headers, IsEmpty());
}

}  // namespace
}  // namespace loadfleet
