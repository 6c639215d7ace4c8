// One agent's part in a run: its share of the load, how far it is, and what it still owes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "master/fleet/agent_streams.h"
#include "master/partition/partition.h"

namespace loadfleet {

// The control thread's, like the run that it belongs to.
struct Part {
  // The name alone does not do: a process that was started anew takes part anew.
  using Key = std::pair<std::string, uint64_t>;  // agent, incarnation
  static Key KeyOf(const Participant& who) { return {who.agent_id, who.incarnation}; }

  Share share;
  bool ready = false;
  bool lost = false;       // nothing more is expected of it
  bool delivered = false;  // its summary is committed
  bool quarantined = false;
  bool fenced = false;  // and has said so
  uint64_t committed_seq = 0;
  int uncommitted = 0;                    // windows and summaries on their way to the store
  std::shared_ptr<WindowStream> waiting;  // read on when something is committed

  const Participant& who() const { return share.participant; }
};

}  // namespace loadfleet
