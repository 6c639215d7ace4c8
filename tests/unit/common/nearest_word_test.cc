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

TEST(NearestWord, GuessesNothingFromAnotherWord) {
  EXPECT_EQ(NearestWord("verbose", kWords), "");
  EXPECT_EQ(NearestWord("", kWords), "");
  EXPECT_EQ(NearestWord(std::string(1 << 20, 'x'), kWords), "");
}

}  // namespace
}  // namespace loadfleet
