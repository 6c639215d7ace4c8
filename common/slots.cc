#include "common/slots.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <queue>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace loadfleet {

SlotSet SlotSet::All() {
  std::vector<uint16_t> slots(kSlots);
  std::iota(slots.begin(), slots.end(), 0);
  return Of(std::move(slots));
}

SlotSet SlotSet::Of(std::vector<uint16_t> slots) {
  SlotSet set;
  set.slots_ = std::move(slots);
  std::sort(set.slots_.begin(), set.slots_.end());
  return set;
}

absl::StatusOr<SlotSet> SlotSet::FromBitmap(const std::string& bitmap) {
  if (bitmap.size() != kSlots / 8) {
    return absl::InvalidArgumentError(
        absl::StrCat("a slot bitmap has ", kSlots / 8, " bytes, this one ", bitmap.size()));
  }
  SlotSet set;
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    if ((static_cast<uint8_t>(bitmap[slot / 8]) >> (slot % 8)) & 1) {
      set.slots_.push_back(static_cast<uint16_t>(slot));
    }
  }
  return set;
}

std::string SlotSet::ToBitmap() const {
  std::string bitmap(kSlots / 8, '\0');
  for (uint16_t slot : slots_) {
    bitmap[slot / 8] = static_cast<char>(bitmap[slot / 8] | (1 << (slot % 8)));
  }
  return bitmap;
}

uint64_t SlotSet::CountBelow(uint64_t n) const {
  const auto below = std::lower_bound(slots_.begin(), slots_.end(), n % kSlots);
  return (n / kSlots) * slots_.size() + static_cast<uint64_t>(below - slots_.begin());
}

SlotSet SlotSet::Without(const SlotSet& other) const {
  SlotSet set;
  std::set_difference(slots_.begin(), slots_.end(), other.slots_.begin(), other.slots_.end(),
                      std::back_inserter(set.slots_));
  return set;
}

SlotSet SlotSet::With(const SlotSet& other) const {
  SlotSet set;
  std::set_union(slots_.begin(), slots_.end(), other.slots_.begin(), other.slots_.end(),
                 std::back_inserter(set.slots_));
  return set;
}

std::vector<SlotSet> Deal(const SlotSet& set, absl::Span<const uint32_t> weights) {
  // Owner i's j-th card is due at (2j + 1) / (2 w_i); the earliest due card is dealt next. This is
  // the even spreading of each owner's cards over the deck. Cross-multiplied, so that ties are
  // exact and fall to the lower owner.
  struct Due {
    uint64_t numerator;
    uint32_t weight;
    size_t owner;
  };
  const auto later = [](const Due& a, const Due& b) {
    const uint64_t left = a.numerator * b.weight;
    const uint64_t right = b.numerator * a.weight;
    return left != right ? left > right : a.owner > b.owner;
  };
  std::priority_queue<Due, std::vector<Due>, decltype(later)> due(later);
  for (size_t owner = 0; owner < weights.size(); ++owner) {
    if (weights[owner] > 0) due.push({1, weights[owner], owner});
  }
  std::vector<std::vector<uint16_t>> hands(weights.size());
  for (uint16_t slot : set.slots()) {
    Due next = due.top();
    due.pop();
    hands[next.owner].push_back(slot);
    next.numerator += 2;
    due.push(next);
  }
  std::vector<SlotSet> dealt;
  dealt.reserve(hands.size());
  for (auto& hand : hands) dealt.push_back(SlotSet::Of(std::move(hand)));
  return dealt;
}

}  // namespace loadfleet
