#include "master/partition/partition.h"

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

}  // namespace loadfleet
