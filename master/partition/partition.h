// A plan's load dealt to agents: pure.
#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/slots.h"

namespace loadfleet {

struct Participant {
  std::string agent_id;
  uint64_t incarnation = 0;
  uint32_t weight = 1;  // at least 1
};

struct Share {
  Participant participant;
  SlotSet slots;

  // Of everything that the plan asks for, 0..1.
  double fraction() const { return static_cast<double>(slots.size()) / kSlots; }
};

// One share for each participant, in their order: together all slots, each once. At least one
// participant.
std::vector<Share> Partition(absl::Span<const Participant> participants);

// What each of `owners` gives up, in their order, so that the one at `gainer` comes to its fair
// share, by weight, of what they own together. Nobody gives what is within its own.
std::vector<SlotSet> GivenUpFor(absl::Span<const Share> owners, size_t gainer);

}  // namespace loadfleet
