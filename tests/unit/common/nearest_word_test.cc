#include "common/nearest_word.h"

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

const std::vector<std::string> kWords = {"listen", "http", "data", "insecure_listen"};

TEST(NearestWord, ForgivesSlipsOfTheFinger) {
  EXPECT_EQ(NearestWord("lisetn", kWords), "listen");
  EXPECT_EQ(NearestWord("htp", kWords), "http");
  EXPECT_EQ(NearestWord("insecure-listen", kWords), "insecure_listen");
}

TEST(NearestWord, LooksAtNoMoreThanItTakes) {
  const std::string longest(64, 'x');
  EXPECT_EQ(NearestWord(longest, {longest}), longest);
  EXPECT_EQ(NearestWord(longest + "x", {longest}), "");
  std::vector<std::string> many(100, "aaaa");
  many.emplace_back("bbbb");
  EXPECT_EQ(NearestWord("bbbx", many), "") << "after a hundred of its length";
  many.front() = "as long as nobody could mean by that";
  EXPECT_EQ(NearestWord("bbbx", many), "bbbb");
}

TEST(NearestWord, GuessesNothingFromAnotherWord) {
  EXPECT_EQ(NearestWord("verbose", kWords), "");
  EXPECT_EQ(NearestWord("", kWords), "");
  EXPECT_EQ(NearestWord(std::string(1 << 20, 'x'), kWords), "");
}

}  // namespace
}  // namespace loadfleet
