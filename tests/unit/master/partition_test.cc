#include "master/partition/partition.h"

#include <set>

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(Partition, EverySlotHasOneOwner) {
  std::vector<Participant> participants;
  for (int i = 0; i < 7; ++i) {
    participants.push_back({"a" + std::to_string(i), 1, static_cast<uint32_t>(1 + i % 3)});
  }
  std::set<uint16_t> seen;
  double sum = 0;
  for (const Share& share : Partition(participants)) {
    for (uint16_t slot : share.slots.slots()) EXPECT_TRUE(seen.insert(slot).second);
    sum += share.fraction();
  }
  EXPECT_EQ(seen.size(), kSlots);
  EXPECT_DOUBLE_EQ(sum, 1.0);
}

TEST(Partition, SharesFollowTheWeights) {
  const std::vector<Share> shares = Partition(std::vector<Participant>{{"a", 1, 1}, {"b", 1, 3}});
  EXPECT_NEAR(shares[0].fraction(), 0.25, 1.0 / kSlots);
  EXPECT_NEAR(shares[1].fraction(), 0.75, 1.0 / kSlots);
}

TEST(Partition, OneAgentGetsEverything) {
  EXPECT_EQ(Partition(std::vector<Participant>{{"a", 1, 5}})[0].slots.size(), kSlots);
}

TEST(Partition, WhoComesLaterGetsItsFairShareOfThoseThatHaveMore) {
  std::vector<Share> owners =
      Partition(std::vector<Participant>{{"a", 1, 1}, {"b", 1, 1}, {"c", 1, 2}});
  owners.push_back({{"d", 1, 4}, SlotSet()});
  const std::vector<SlotSet> given = GivenUpFor(owners, 3);
  EXPECT_NEAR(static_cast<double>(given[0].size()), kSlots / 8.0, 2);
  EXPECT_NEAR(static_cast<double>(given[1].size()), kSlots / 8.0, 2);
  EXPECT_NEAR(static_cast<double>(given[2].size()), kSlots / 4.0, 2);
  EXPECT_TRUE(given[3].empty());
  const SlotSet rest = owners[0].slots.Without(given[0]);
  EXPECT_EQ(rest.size() + given[0].size(), owners[0].slots.size());
  EXPECT_EQ(rest.With(given[0]).ToBitmap(), owners[0].slots.ToBitmap());
}

TEST(Partition, WhoHasItsShareGetsNoMore) {
  const std::vector<Share> owners = Partition(std::vector<Participant>{{"a", 1, 1}, {"b", 1, 3}});
  for (size_t gainer : {0, 1}) {
    for (const SlotSet& given : GivenUpFor(owners, gainer)) EXPECT_LE(given.size(), 1U);
  }
}

}  // namespace
}  // namespace loadfleet
