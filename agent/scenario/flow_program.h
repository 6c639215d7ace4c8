// A scenario's flows made ready to walk: each a list of instructions, so that an iteration is a
// place in it and no tree.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/feeder/feed_reader.h"
#include "agent/scenario/exchange.h"
#include "agent/scenario/text_template.h"
#include "agent/scenario/think_time.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct Instruction {
  enum class Kind : uint8_t {
    kSend,
    kThink,
    kBeginGroup,
    kEndGroup,
    kSetCounter,  // to `times`
    kRepeat,      // counts down, and goes to `target` while there is something left
    kUnless,      // goes to `target` unless the condition holds
    kEnd,         // of the flow
  };
  Kind kind = Kind::kEnd;
  uint32_t slot = 0;  // of the counter; of the group in IterationStats::groups; of the condition
  uint32_t times = 0;
  uint32_t target = 0;
  const RequestTemplate* request = nullptr;  // of kSend
  ThinkTime think;
};

// See v1::If.
struct Condition {
  TextTemplate value;
  v1::If::Test test = v1::If::TEST_PRESENT;
  std::string literal;

  bool Holds(absl::string_view text) const {
    return test == v1::If::TEST_PRESENT ? !text.empty()
                                        : (text == literal) == (test == v1::If::TEST_EQUAL);
  }
};

struct FlowProgram {
  std::vector<Instruction> instructions;  // the last one is kEnd
  std::vector<Condition> conditions;
  const RequestTemplate* first = nullptr;  // the request that comes first in the text
  v1::Flow::OnError on_error = v1::Flow::ON_ERROR_NEXT_ITERATION;
  std::vector<uint32_t> feeds;  // of which it has a row each, in ScenarioFlows::feeds
  uint32_t counters = 0;        // that one iteration has
  uint32_t groups = 0;          // that are open at a time, at most
  bool has_state = false;       // its iterations need a FlowState
};

// See v1::TracePolicy.
struct TraceSampling {
  double sample = 0;   // 0..1 of the requests
  uint64_t nonce = 0;  // of this agent and run: no other one has the same ids
};

// What the iterations of one scenario do. Immutable once prepared; outlives every iteration.
struct ScenarioFlows {
  std::vector<FlowProgram> programs;
  std::vector<uint64_t> bounds;       // of the programs' weights, each with those before it
  std::vector<uint32_t> groups;       // v1::Group.index by slot
  std::vector<std::string> captures;  // names by slot, and those of columns of feeders
  std::vector<Feed> feeds;
  std::vector<Nanos> stage_ends;  // since the scenario's start; empty: it has no stages
  uint32_t arrivals = 0;          // index of its counts in a Recording, of the first stage
  uint64_t seed = 0;
  uint32_t scenario = 0;
  std::string agent;  // its name
  TraceSampling trace;

  uint32_t stages() const {
    return std::max<uint32_t>(1, static_cast<uint32_t>(stage_ends.size()));
  }
  // In which something was intended; after the last end the last one.
  uint32_t StageAt(Nanos since_start) const {
    if (stage_ends.empty()) return 0;
    const auto next = std::upper_bound(stage_ends.begin(), stage_ends.end() - 1, since_start);
    return static_cast<uint32_t>(next - stage_ends.begin());
  }
};

// What the steps of a flow refer to: the templates by v1::Request.index, slots by v1::Group.index
// and by a capture's name.
struct FlowReferences {
  absl::FunctionRef<const RequestTemplate*(uint32_t)> request;
  absl::FunctionRef<uint32_t(uint32_t)> group_slot;
  TextTemplate::SlotOf capture_slot;
  const TextTemplate::SetupValues& setup;
};

// INVALID_ARGUMENT: a step that this version does not know, or none at all.
absl::StatusOr<FlowProgram> CompileFlow(const v1::Flow& flow, const FlowReferences& references);

}  // namespace loadfleet
