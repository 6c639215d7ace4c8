// Where responses and captures lead: RFC 3986's own examples, and what hostile targets write.
#include "agent/http/location.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

std::string Text(const Location& location) {
  std::string text = location.origin.secure ? "https://" : "http://";
  AppendAuthority(location.origin, &text);
  return text + location.target;
}

std::string Resolved(const std::string& reference, const std::string& base_target = "/b/c/d;p?q",
                     const OriginName& base = {false, "a", 80}) {
  Location location;
  return ResolveLocation(reference, base, base_target, &location) ? Text(location) : "none";
}

std::string Parsed(const std::string& url) {
  Location location;
  return ParseLocation(url, &location) ? Text(location) : "none";
}

TEST(Location, IsResolvedAsTheExamplesOfRfc3986) {
  const std::pair<const char*, const char*> kExamples[] = {
      {"http://g", "http://g/"},    {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},    {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},         {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"}, {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"}, {"g#s", "http://a/b/c/g"},
      {";x", "http://a/b/c/;x"},    {"g;x?y#s", "http://a/b/c/g;x?y"},
      {"", "http://a/b/c/d;p?q"},   {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},      {"..", "http://a/b/"},
      {"../", "http://a/b/"},       {"../g", "http://a/b/g"},
      {"../..", "http://a/"},       {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"}, {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},  {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"}, {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"}, {"g?y/../x", "http://a/b/c/g?y/../x"},
  };
  for (const auto& [reference, expected] : kExamples) {
    EXPECT_EQ(Resolved(reference), expected) << reference;
  }
}

TEST(Location, KeepsTheOriginUnlessItNamesAnother) {
  const OriginName shop = {true, "shop.test", 8443};
  EXPECT_EQ(Resolved("/x", "/", shop), "https://shop.test:8443/x");
  EXPECT_EQ(Resolved("//other.test/x", "/", shop), "https://other.test/x");
  EXPECT_EQ(Resolved("http://Other.Test:80/x", "/", shop), "http://other.test/x");
  EXPECT_EQ(Resolved("https://[::1]:444/x", "/", shop), "https://[::1]:444/x");
  EXPECT_EQ(Resolved("  /x ", "/", shop), "https://shop.test:8443/x");
}

TEST(Location, IsMadeFitForARequestLine) {
  EXPECT_EQ(Resolved("/a b"), "http://a/a%20b");
  EXPECT_EQ(Resolved("/\xc3\xbc?\x01"), "http://a/%C3%BC?%01");
}

TEST(Location, OfAnotherKindLeadsNowhere) {
  for (const char* bad :
       {"ftp://a/", "javascript:alert(1)", "mailto:a@b", "http:", "http:///x", "http://:80/",
        "http://a:0/", "http://a:99999/", "http://a:b/", "http://user:password@a/", "http://[::1/",
        "http://[1.2.3]/", "http://a b/", "http://-\xff/", "https://a:443x/"}) {
    EXPECT_EQ(Resolved(bad), "none") << bad;
  }
  EXPECT_EQ(Resolved(absl::StrCat("/", std::string(limits::kTargetBytes, 'a'))), "none");
  EXPECT_EQ(Resolved(std::string(3 * limits::kTargetBytes, 'a')), "none");
}

TEST(Location, ThatMustBeAbsoluteIsNoPath) {
  EXPECT_EQ(Parsed("HTTP://a/x?y#z"), "http://a/x?y");
  EXPECT_EQ(Parsed("https://a"), "https://a/");
  EXPECT_EQ(Parsed("http://a?x"), "http://a/?x");
  EXPECT_EQ(Parsed("/x"), "none");
  EXPECT_EQ(Parsed("//a/x"), "none");
}

}  // namespace
}  // namespace loadfleet
