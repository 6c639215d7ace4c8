#include "target/freeze.h"

#include <gtest/gtest.h>

namespace loadfleet::target {
namespace {

TEST(Freeze, IsTheLastPartOfEachPeriod) {
  const Freeze freeze = {kSecond, 5 * kSecond};
  EXPECT_EQ(freeze.Left(0), 0);
  EXPECT_EQ(freeze.Left(4 * kSecond - 1), 0);
  EXPECT_EQ(freeze.Left(4 * kSecond), kSecond);
  EXPECT_EQ(freeze.Left(5 * kSecond - 1), 1);
  EXPECT_EQ(freeze.Left(5 * kSecond), 0);
  EXPECT_EQ(freeze.Left(9 * kSecond + 250 * kMillisecond), 750 * kMillisecond);
}

TEST(Freeze, NeverComesUnlessAskedFor) {
  const Freeze freeze;
  EXPECT_EQ(freeze.Left(0), 0);
  EXPECT_EQ(freeze.Left(3600 * kSecond), 0);
}

}  // namespace
}  // namespace loadfleet::target
