#include "common/slots.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(Slots, AnySetRoundTripsThroughItsBitmap) {
  const SlotSet set = SlotSet::Of({65'535, 0, 7, 8, 4'242});
  const auto back = SlotSet::FromBitmap(set.ToBitmap());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->slots(), set.slots());
}

TEST(Slots, ABitmapOfAnotherLengthIsRefused) {
  EXPECT_EQ(SlotSet::FromBitmap("abc").status().message(),
            "a slot bitmap has 8192 bytes, this one 3");
}

TEST(Slots, IndexAtAndCountBelowAreEachOthersInverse) {
  const SlotSet set = Deal(SlotSet::All(), {3, 2, 5})[1];
  for (uint64_t k : {0ULL, 1ULL, 5ULL, 13'106ULL, 13'107ULL, 1'000'000ULL}) {
    EXPECT_EQ(set.CountBelow(set.IndexAt(k)), k);
    EXPECT_EQ(set.CountBelow(set.IndexAt(k) + 1), k + 1);
  }
}

TEST(Deal, EverySlotHasExactlyOneOwner) {
  for (size_t owners = 1; owners <= 64; ++owners) {
    const std::vector<uint32_t> weights(owners, 1);
    std::vector<int> owned(kSlots, 0);
    for (const SlotSet& hand : Deal(SlotSet::All(), weights)) {
      for (uint16_t slot : hand.slots()) ++owned[slot];
    }
    EXPECT_EQ(std::count(owned.begin(), owned.end(), 1), kSlots) << owners << " owners";
  }
}

TEST(Deal, NeighboursGoToDifferentOwners) {
  const std::vector<SlotSet> hands = Deal(SlotSet::All(), {1, 1, 1});
  for (const SlotSet& hand : hands) {
    for (size_t i = 1; i < hand.size(); ++i) {
      ASSERT_EQ(hand.slots()[i] - hand.slots()[i - 1], 3);
    }
  }
}

TEST(Deal, SharesFollowWeightsWithinOneSlot) {
  const std::vector<uint32_t> weights = {1, 4, 0, 11};
  const std::vector<SlotSet> hands = Deal(SlotSet::All(), weights);
  for (size_t i = 0; i < weights.size(); ++i) {
    const double fair = 65'536.0 * weights[i] / 16;
    EXPECT_NEAR(static_cast<double>(hands[i].size()), fair, 1) << "owner " << i;
  }
}

TEST(Deal, DealingAHandOnSplitsItsLoadEvenly) {
  const SlotSet agent = Deal(SlotSet::All(), {1, 1})[1];
  const std::vector<SlotSet> workers = Deal(agent, {1, 1, 1, 1});
  // Of 1,000 VUs this agent has 500 and each worker 125.
  for (const SlotSet& worker : workers) EXPECT_EQ(worker.CountBelow(1'000), 125u);
}

}  // namespace
}  // namespace loadfleet
