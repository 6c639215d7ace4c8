#include "master/partition/partition.h"

#include <algorithm>
#include <utility>

namespace loadfleet {

std::vector<Share> Partition(absl::Span<const Participant> participants) {
  std::vector<uint32_t> weights;
  weights.reserve(participants.size());
  for (const Participant& participant : participants) weights.push_back(participant.weight);
  std::vector<SlotSet> dealt = Deal(SlotSet::All(), weights);
  std::vector<Share> shares;
  shares.reserve(participants.size());
  for (size_t i = 0; i < participants.size(); ++i) {
    shares.push_back(Share{participants[i], std::move(dealt[i])});
  }
  return shares;
}

std::vector<SlotSet> GivenUpFor(absl::Span<const Share> owners, size_t gainer) {
  uint64_t slots = 0;
  uint64_t weights = 0;
  for (const Share& owner : owners) {
    slots += owner.slots.size();
    weights += owner.participant.weight;
  }
  const auto fair = [&](const Share& owner) { return slots * owner.participant.weight / weights; };
  std::vector<SlotSet> given(owners.size());
  const uint64_t wanted = fair(owners[gainer]);
  uint64_t missing = wanted - std::min<uint64_t>(wanted, owners[gainer].slots.size());
  for (size_t i = 0; i < owners.size() && missing > 0; ++i) {
    const uint64_t has = owners[i].slots.size();
    const uint64_t most = has - std::min(has, fair(owners[i]));
    const uint64_t gives = std::min(missing, most);
    if (i == gainer || gives == 0) continue;
    const uint32_t parts[] = {static_cast<uint32_t>(has - gives), static_cast<uint32_t>(gives)};
    given[i] = Deal(owners[i].slots, parts)[1];
    missing -= given[i].size();
  }
  return given;
}

}  // namespace loadfleet
