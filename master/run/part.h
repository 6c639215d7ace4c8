// One agent's part in a run: its share of the load, how far it is, and what it still owes.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "common/clock.h"
#include "loadfleet/v1/fleet.pb.h"
#include "master/fleet/agent_streams.h"
#include "master/partition/partition.h"

namespace loadfleet {

// The control thread's, like the run that it belongs to.
struct Part {
  // The name alone does not do: a process that was started anew takes part anew.
  using Key = std::pair<std::string, uint64_t>;  // agent, incarnation

  struct Adjustment {
    v1::Assignment assignment;
    bool committed = false;  // and so told
  };

  Share share;                  // of its newest assignment
  uint64_t prepared_epoch = 1;  // of its first
  uint64_t epoch = 1;           // of its newest
  Nanos effective_from = 0;     // of its newest; run time
  std::deque<Adjustment> owed;  // that it has not answered, in the order of their epochs
  bool ready = false;
  bool joins = false;      // came while the run lasted, and is not ready yet
  Nanos ready_by = 0;      // until when; Clock::Now's scale
  bool lost = false;       // nothing more is expected of it
  bool gone = false;       // it starts nothing more: what it had may be another's
  bool leaves = false;     // it has said goodbye
  Nanos lost_at = 0;       // Clock::Now's scale
  bool delivered = false;  // its summary is committed
  bool quarantined = false;
  bool fenced = false;  // as it last said
  uint64_t committed_seq = 0;
  int uncommitted = 0;                    // windows and summaries on their way to the store
  std::shared_ptr<WindowStream> waiting;  // read on when something is committed

  const Participant& who() const { return share.participant; }
  Key key() const { return {who().agent_id, who().incarnation}; }
};

}  // namespace loadfleet
