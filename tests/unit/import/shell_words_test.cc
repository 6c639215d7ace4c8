#include "loadctl/import/shell_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Words(absl::string_view text) {
  const absl::StatusOr<std::vector<std::string>> words = ShellWords(text);
  EXPECT_TRUE(words.ok()) << words.status();
  return words.value_or(std::vector<std::string>{});
}

std::string ErrorOf(absl::string_view text) {
  return std::string(ShellWords(text).status().message());
}

TEST(ShellWords, AreSplitAtBlanks) {
  EXPECT_THAT(Words(" curl\t-X  PUT\nurl "), ElementsAre("curl", "-X", "PUT", "url"));
  EXPECT_THAT(Words(""), ElementsAre());
}

TEST(ShellWords, KeepWhatIsQuoted) {
  EXPECT_THAT(Words(R"('a "b" \n $x' "c 'd' \"e\" \\ \$f \g")"),
              ElementsAre(R"(a "b" \n $x)", R"(c 'd' "e" \ $f \g)"));
  EXPECT_THAT(Words(R"(a'b'"c"d '' "")"), ElementsAre("abcd", "", ""));
  EXPECT_THAT(Words(R"('it'\''s')"), ElementsAre("it's"));
}

TEST(ShellWords, ContinueBehindABackslashAtALinesEnd) {
  EXPECT_THAT(Words("a \\\n  b\\\nc \\\r\n d"), ElementsAre("a", "bc", "d"));
  EXPECT_THAT(Words("\"a\\\nb\""), ElementsAre("ab"));
}

TEST(ShellWords, KnowTheEscapesOfADollarQuote) {
  EXPECT_THAT(Words(R"($'a\n\t\'\\' $'\x41\101\u00e9\U0001F600' x$'y'z)"),
              ElementsAre("a\n\t'\\", "AA\xc3\xa9\xf0\x9f\x98\x80", "xyz"));
  EXPECT_THAT(Words(R"($'\q')"), ElementsAre("\\q"));
}

TEST(ShellWords, TakeADollarThatNamesNothingAsItStands) {
  EXPECT_THAT(Words(R"(a$ "b$" c$.d)"), ElementsAre("a$", "b$", "c$.d"));
}

TEST(ShellWords, EndAtAComment) {
  EXPECT_THAT(Words("a#b # c 'd\ne"), ElementsAre("a#b", "e"));
}

TEST(ShellWords, AreNeverExpandedNorExecuted) {
  EXPECT_THAT(ErrorOf("a $HOME"), HasSubstr("1:3: a shell would expand this"));
  EXPECT_THAT(ErrorOf("\"${A}\""), HasSubstr("a shell would expand this"));
  EXPECT_THAT(ErrorOf("\"`id`\""), HasSubstr("a shell would expand this"));
  EXPECT_THAT(ErrorOf("$(id)"), HasSubstr("a shell would expand this"));
  EXPECT_THAT(ErrorOf("a\n b | c"), HasSubstr("2:4: `|` is for a shell"));
  EXPECT_THAT(ErrorOf("a?b=1&c=2"), HasSubstr("1:6: `&` is for a shell"));
  EXPECT_THAT(ErrorOf("a > b"), HasSubstr("`>` is for a shell"));
}

TEST(ShellWords, SayWhereAQuoteWithoutAnEndBegins) {
  EXPECT_EQ(ErrorOf("a\n 'b"), "2:2: this ' has no end");
  EXPECT_EQ(ErrorOf("a \"b"), "1:3: this \" has no end");
  EXPECT_EQ(ErrorOf("$'b"), "1:1: this $' has no end");
  EXPECT_EQ(ErrorOf("a\\"), "1:2: nothing follows this backslash");
  EXPECT_EQ(ErrorOf("$'\\xzz'"), "1:3: no character has this code");
}

}  // namespace
}  // namespace loadfleet
