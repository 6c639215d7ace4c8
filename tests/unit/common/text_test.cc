#include "common/text.h"

#include <string>

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(ValidUtf8Prefix, EndsWhereTheTextStopsBeingUtf8) {
  struct Case {
    std::string text;
    size_t valid;
  };
  const Case cases[] = {
      {"", 0},
      {"plain", 5},
      {"gr\xc3\xbc\xc3\x9f", 6},         // two bytes
      {"\xe2\x82\xac", 3},               // three
      {"\xf0\x9f\x98\x80", 4},           // four
      {"a\xff", 1},                      // no lead byte
      {"a\xc3", 1},                      // cut short
      {"a\xc0\xaf", 1},                  // overlong "/"
      {"a\xe0\x80\xaf", 1},              // overlong in three
      {"a\xed\xa0\x80", 1},              // a surrogate
      {"a\xf4\x90\x80\x80", 1},          // above U+10FFFF
      {std::string("nul\0byte", 8), 8},  // a character like any other
  };
  for (const Case& c : cases) EXPECT_EQ(ValidUtf8Prefix(c.text), c.valid) << Quoted(c.text);
}

TEST(Quoted, IsOneLineWhateverTheTextIs) {
  EXPECT_EQ(Quoted("rate"), "\"rate\"");
  EXPECT_EQ(Quoted("two\nlines"), "\"two\\nlines\"");
  EXPECT_EQ(Quoted("say \"hi\""), "\"say \\\"hi\\\"\"");
  EXPECT_EQ(Quoted("gr\xc3\xbc\xc3\x9f"), "\"gr\xc3\xbc\xc3\x9f\"");
  EXPECT_EQ(Quoted("\xff"), "\"\\xff\"");
}

TEST(Quoted, CutsALongTextBetweenTwoCharacters) {
  EXPECT_EQ(Quoted(std::string(1000, 'x')), "\"" + std::string(60, 'x') + "...\"");
  const std::string cut_through = std::string(59, 'x') + "\xc3\xbc" + "tail";
  EXPECT_EQ(Quoted(cut_through), "\"" + std::string(59, 'x') + "...\"");
}

}  // namespace
}  // namespace loadfleet
