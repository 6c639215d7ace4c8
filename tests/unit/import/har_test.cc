#include "loadctl/import/har.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace loadfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// An entry of a recording; `more` are members of the request.
std::string Entry(absl::string_view url, absl::string_view second = "00",
                  absl::string_view more = "", absl::string_view page = "") {
  return absl::StrCat(R"({"startedDateTime": "2026-01-05T10:00:)", second, R"(Z", "time": 500, )",
                      page.empty() ? "" : absl::StrCat(R"("pageref": ")", page, R"(", )"),
                      R"("request": {"method": "GET", "url": ")", url, "\"", more, "}}");
}

std::string Har(const std::vector<std::string>& entries) {
  return absl::StrCat(R"({"log": {"entries": [)", absl::StrJoin(entries, ","), "]}}");
}

Imported Import(const std::vector<std::string>& entries, const HarOptions& options = {}) {
  absl::StatusOr<Imported> imported = ImportHar(Har(entries), "a.har", options);
  EXPECT_TRUE(imported.ok()) << imported.status();
  return imported.ok() ? *std::move(imported) : Imported{};
}

std::vector<std::string> Urls(const Imported& imported) {
  std::vector<std::string> urls;
  for (const ImportedRequest& request : imported.requests) urls.push_back(request.url);
  return urls;
}

std::string ErrorOf(const std::string& text) {
  return std::string(ImportHar(text, "a.har", {}).status().message());
}

TEST(ImportHar, RequestsComeInTheOrderOfTheirStarts) {
  EXPECT_THAT(Urls(Import({Entry("http://a/2", "02"), Entry("http://a/1", "01")})),
              ElementsAre("http://a/1", "http://a/2"));
  EXPECT_THAT(Urls(Import({Entry("http://a/2", "xx"), Entry("http://a/1", "01")})),
              ElementsAre("http://a/2", "http://a/1"));
}

TEST(ImportHar, AThinkTimeStandsBetweenPages) {
  const Imported imported =
      Import({Entry("http://a/1", "00", "", "p1"), Entry("http://a/2", "05", "", "p1"),
              Entry("http://a/3", "09.26", "", "p2")});
  EXPECT_EQ(imported.requests[0].think, 0);
  EXPECT_EQ(imported.requests[2].think, 3'700 * kMillisecond);  // after 5 s and half a second
}

TEST(ImportHar, WithinAPageAPauseOfASecondIsAThinkTime) {
  const Imported imported =
      Import({Entry("http://a/1", "00", "", "p1"), Entry("http://a/2", "01.4", "", "p1"),
              Entry("http://a/3", "05.0", "", "p1")});
  EXPECT_EQ(imported.requests[1].think, 0);                     // 900 ms are the page's own
  EXPECT_EQ(imported.requests[2].think, 3'100 * kMillisecond);  // somebody looked at it
}

TEST(ImportHar, WithoutPagesALongPauseIsAThinkTime) {
  const Imported imported =
      Import({Entry("http://a/1", "00"), Entry("http://a/2", "01"), Entry("http://a/3", "03")});
  EXPECT_EQ(imported.requests[1].think, 0);
  EXPECT_EQ(imported.requests[2].think, 1'500 * kMillisecond);
}

TEST(ImportHar, StaticAssetsAreToldByTheirEndingAndType) {
  std::string image = Entry("http://a/image");
  image.pop_back();
  image += R"(, "response": {"content": {"mimeType": "image/webp; x"}}})";
  const std::vector<std::string> entries = {Entry("http://a/page"), Entry("http://a/app.JS?v=1"),
                                            image};
  EXPECT_EQ(Import(entries).requests.size(), 3u);
  const Imported without = Import(entries, {false, false});
  EXPECT_THAT(Urls(without), ElementsAre("http://a/page"));
  EXPECT_THAT(without.notes, ElementsAre("Left out, because they were for static assets: 2."));
}

TEST(ImportHar, OtherOriginsCanBeLeftOut) {
  const std::vector<std::string> entries = {Entry("https://a/1"), Entry("https://b/2"),
                                            Entry("http://a/3")};
  EXPECT_EQ(Import(entries).requests.size(), 3u);
  EXPECT_THAT(Urls(Import(entries, {true, true})), ElementsAre("https://a/1"));
}

TEST(ImportHar, HeadersOfTheConnectionAndTheBrowserAreDropped) {
  const Imported imported = Import(
      {Entry("http://a/", "00",
             R"(, "headers": [{"name": ":method", "value": "GET"}, {"name": "Host", "value": "a"},
         {"name": "sec-ch-ua", "value": "x"}, {"name": "Connection", "value": "close"},
         {"name": "If-None-Match", "value": "x"}, {"name": "Accept", "value": "*/*"},
         {"name": "Cookie", "value": "sid=1"}, {"name": "Authorization", "value": "Bearer x"}])")});
  ASSERT_EQ(imported.requests[0].headers.size(), 2u);
  EXPECT_EQ(imported.requests[0].headers[0].name, "Accept");
  EXPECT_EQ(imported.requests[0].headers[1].name, "Authorization");
  EXPECT_THAT(imported.notes, ElementsAre(HasSubstr("Cookies were left out"),
                                          HasSubstr("Authorization headers are in this plan")));
}

TEST(ImportHar, BodiesAreTextOrForms) {
  const Imported imported = Import(
      {Entry("http://a/1", "00", R"(, "postData": {"mimeType": "text/plain", "text": "a b"})"),
       Entry("http://a/2", "01", R"(, "postData": {"mimeType": "text/plain", "text": "YSBi",
                                     "encoding": "base64"})"),
       Entry("http://a/3", "02",
             R"(, "postData": {"mimeType": "application/x-www-form-urlencoded",
                "params": [{"name": "a", "value": "1"}, {"name": "b", "value": "%20"}]})"),
       Entry("http://a/4", "03", R"(, "postData": {"mimeType": "multipart/form-data",
                                     "params": [{"name": "a"}]})")});
  ASSERT_EQ(imported.requests.size(), 3u);
  EXPECT_EQ(imported.requests[0].body, "a b");
  EXPECT_EQ(*FindHeader(imported.requests[0], "content-type"), "text/plain");
  EXPECT_EQ(imported.requests[1].body, "a b");
  EXPECT_EQ(imported.requests[2].body, "a=1&b=%20");
  EXPECT_THAT(imported.notes, ElementsAre(HasSubstr("(a form with files): 1.")));
}

TEST(ImportHar, WhatNeverWasARequestIsCounted) {
  std::string cached = Entry("http://a/2");
  cached.insert(1, R"("_fromCache": "disk", )");
  const Imported imported = Import({Entry("http://a/1"), cached, Entry("wss://a/3")});
  EXPECT_THAT(Urls(imported), ElementsAre("http://a/1"));
  EXPECT_THAT(imported.notes, ElementsAre(HasSubstr("browser's cache: 1."),
                                          HasSubstr("neither http nor https: 1.")));
}

// An entry with a response of this status.
std::string Answered(absl::string_view url, int status) {
  std::string entry = Entry(url);
  entry.pop_back();
  return absl::StrCat(entry, R"(, "response": {"status": )", status, "}}");
}

TEST(ImportHar, WhatHadNoResponseIsLeftOut) {
  const Imported imported = Import({Answered("http://a/1", 200), Answered("http://a/2", 0)});
  EXPECT_THAT(Urls(imported), ElementsAre("http://a/1"));
  EXPECT_THAT(imported.notes, ElementsAre(HasSubstr("had no response (given up, blocked, or no "
                                                    "connection): 1.")));
}

TEST(ImportHar, AStatusThatMeansFailureIsExpectedAgain) {
  const Imported imported = Import({Answered("http://a/1", 302), Answered("http://a/2", 404),
                                    Answered("http://a/3", 503), Answered("http://a/4", 999)});
  EXPECT_EQ(imported.requests[0].status, 0);
  EXPECT_EQ(imported.requests[1].status, 404);
  EXPECT_EQ(imported.requests[2].status, 503);
  EXPECT_EQ(imported.requests[3].status, 0);
}

TEST(ImportHar, AFormWhoseFilesWereNotRecordedIsLeftOut) {
  const auto form = [](absl::string_view length) {
    return absl::StrCat(
        R"(, "headers": [{"name": "Content-Type", "value": "multipart/form-data; boundary=x"},
         {"name": "Content-Length", "value": ")",
        length,
        R"("}], "postData": {"mimeType": "multipart/form-data; boundary=x", "text": "--x"})");
  };
  const Imported imported =
      Import({Entry("http://a/1", "00", form("3")), Entry("http://a/2", "01", form("1003"))});
  EXPECT_THAT(Urls(imported), ElementsAre("http://a/1"));
  EXPECT_THAT(imported.notes, ElementsAre(HasSubstr("(a form with files): 1.")));
}

TEST(ImportHar, AMistakeHasItsPlace) {
  EXPECT_THAT(ErrorOf("{"), HasSubstr("a.har:1:2: no JSON"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("a.har: /log/entries: a list is expected"));
  EXPECT_THAT(ErrorOf(Har({Entry("http://a/"), "{}"})),
              HasSubstr("a.har: /log/entries/1: a request with `method` and `url`"));
  EXPECT_THAT(ErrorOf(Har({Entry("http://a/", "00", R"(, "headers": [{"name": 1}])")})),
              HasSubstr("a.har: /log/entries/0/request/headers/0: a header"));
}

TEST(ImportHar, ABrokenClockMakesNoThinkTimeOfYears) {
  std::string late = Entry("http://a/2");
  late.replace(late.find("2026"), 4, "2999");
  EXPECT_EQ(Import({Entry("http://a/1"), late}).requests[1].think, 3600 * kSecond);
}

TEST(ImportHar, AnEmptyRecordingHasNoRequests) {
  EXPECT_THAT(Import({}).requests, IsEmpty());
}

}  // namespace
}  // namespace loadfleet
