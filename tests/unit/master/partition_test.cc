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

}  // namespace
}  // namespace loadfleet
