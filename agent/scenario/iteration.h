// One pass through a flow: where it is, and the one request that it has on its way.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/http/kept_response.h"
#include "agent/scenario/exchange.h"
#include "agent/scenario/flow_program.h"
#include "agent/scenario/navigation.h"
#include "agent/scenario/response_checks.h"

namespace loadfleet {

enum class Ending : uint8_t {
  kCompleted,    // to the flow's end
  kFailed,       // by a step that failed
  kInterrupted,  // nothing is sent any more
  kDropped,      // its first request was never sent, and nothing before it done: it never started
};

// What a flow of plain requests does not need. Made when its iteration first walks one that does,
// and kept.
struct FlowState {
  struct OpenGroup {
    uint32_t slot;
    Nanos begun;
  };
  std::vector<uint32_t> counters;
  std::vector<OpenGroup> groups;   // the innermost last
  std::vector<Captured> captured;  // by slot
  KeptResponse kept;               // of the request that is on its way, or was last
  RequestBytes filled_in;          // likewise
  std::string scratch;
  Visit visit;
};

struct TracedBytes;

// Owned by its executor, and reused; a FlowWalker moves it on.
struct Iteration : Exchange {
  // Which of the scenario's it is: the arrival and 0, or the VU + 1 and the number of its
  // iteration, from 1.
  uint64_t first = 0;
  uint64_t second = 0;
  uint64_t number = 0;  // among all of its scenario's: which rows it has (common/feeder/feeding.h)

  Nanos arrival = 0;  // its intended start
  Nanos ready = 0;    // the intended time of the step that comes next
  Nanos noticed = 0;  // when the worker got to that step
  const FlowProgram* program = nullptr;
  uint32_t position = 0;  // the instruction that comes next
  uint32_t drawn = 0;     // random numbers so far
  Ending ending = Ending::kCompleted;
  bool started = false;      // counted as such
  bool walking = false;      // a FlowWalker is at it: what it sends may end before Send returns
  bool returned = false;     // which it has
  bool step_failed = false;  // its last request
  bool answered = false;     // its last request had a response
  Nanos backoff = 0;         // what it waited last before it went on without a response
  std::unique_ptr<FlowState> state;
  uint32_t requests = 0;          // sent so far, of a plan that traces
  TracedBytes* traced = nullptr;  // of the request that is on its way; its tracer's
};

}  // namespace loadfleet
