#include "loadctl/import/yaml_text.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/plan/plan_text.h"

namespace loadfleet {
namespace {

// What the plan compiler reads where `text` was written.
std::string ReadBack(const std::string& text) {
  const v1::PlanSource source = SourceOf(absl::StrCat(
      "target: http://127.0.0.1\npost: /\nvus: 1\nduration: 1s\nbody: ", YamlValue(text), "\n"));
  return PlanOf(source).flows(0).steps(0).request().body();
}

TEST(YamlText, IsAsPlainAsItCanBe) {
  EXPECT_EQ(YamlText("/api/orders?id=7&x=%20"), "/api/orders?id=7&x=%20");
  EXPECT_EQ(YamlText("http://localhost:8080"), "http://localhost:8080");
  EXPECT_EQ(YamlText(R"({"a": "it's"})"), R"('{"a": "it''s"}')");
  EXPECT_EQ(YamlText("two\nlines\tand \"quotes\""), R"("two\nlines\tand \"quotes\"")");
  EXPECT_EQ(YamlText("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
  EXPECT_EQ(YamlText(""), "''");
  EXPECT_EQ(YamlText("null"), "'null'");
  EXPECT_EQ(YamlText("a:"), "'a:'");
}

TEST(YamlText, EveryCharacterComesBackAlone) {
  for (int c = 1; c < 0x80; ++c) {
    const std::string text(1, static_cast<char>(c));
    EXPECT_EQ(ReadBack(text), text) << c;
    EXPECT_EQ(ReadBack("a" + text + "b"), "a" + text + "b") << c;
  }
  const std::string nul("a\0b", 3);
  EXPECT_EQ(ReadBack(nul), nul);
}

TEST(YamlText, AllCharactersComeBackTogether) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all.push_back(static_cast<char>(c));
  for (const char* wide : {"\xc2\x80", "\xc2\x85", "\xc2\xa0", "\xe2\x80\xa8", "\xe2\x80\xa9",
                           "\xef\xbb\xbf", "\xef\xbf\xbe", "\xf0\x9f\x98\x80"}) {
    all.append(wide);
  }
  EXPECT_EQ(ReadBack(all), all);
  EXPECT_EQ(ReadBack(std::string("\xef\xbb\xbf") + "x"), std::string("\xef\xbb\xbf") + "x");
}

TEST(YamlText, WhatLooksLikeSyntaxComesBack) {
  for (const char* text :
       {"# no comment", "a # b", "a: b", "- a",  "? a", "! a",  "&a", "*a",   "{a}",
        "[a]",          "|",     ">",    "%a",   "@a",  "`a`",  "~",  "null", "Null",
        "true",         "0x10",  "1e3",  " a ",  "'",   "''",   "\"", "\\",   "---",
        "...",          "a\n",   "\n a", "\r\n", "$",   "a\\nb"}) {
    EXPECT_EQ(ReadBack(text), text);
  }
}

TEST(YamlText, WhatLooksLikeAVariableComesBack) {
  for (const char* text : {"${HOME}", "$${HOME}", "$$${", "${", "a${b}c${d:-e}", "$ {"}) {
    EXPECT_EQ(ReadBack(text), text);
  }
}

}  // namespace
}  // namespace loadfleet
