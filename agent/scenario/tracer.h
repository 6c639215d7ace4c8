// Which requests carry a trace id, the bytes of those that do, and what becomes of them.
// W3C Trace Context, https://www.w3.org/TR/trace-context/
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "agent/record/recorder.h"
#include "agent/scenario/iteration.h"
#include "common/stats/slowest_traces.h"

namespace loadfleet {

// A request that carries a trace id while it is on its way. Reused.
struct TracedBytes {
  TraceId id{};
  std::array<char, 55> value{};  // of its header: 00-TRACE-SPAN-01
  RequestBytes bytes;
  TracedBytes* next = nullptr;  // among the free ones
};

// Of one scenario on one worker: its thread only. A request that is not sampled is sent as it is;
// once warm one that is allocates nothing.
class Tracer {
 public:
  // Null: nothing is traced. `flows` outlives it.
  static std::unique_ptr<Tracer> Of(const ScenarioFlows& flows);

  // Before the iteration sends its request, whose bytes are ready: decides by the plan's seed, the
  // iteration and how many requests it has sent, and where the answer is yes gives it bytes with a
  // `traceparent` (Iteration::traced).
  void Begin(Iteration& iteration);

  // Its bytes are others now, for it is sent once more: they carry the same id.
  static void Again(Iteration& iteration);

  // It has ended (`outcome` is the last word on it), and is recorded if it was sent.
  void End(Iteration& iteration, Outcome outcome, Nanos now, Recorder& recorder);

  // It was never sent.
  void Release(Iteration& iteration);

 private:
  explicit Tracer(const ScenarioFlows& flows) : flows_(flows) {}
  TracedBytes& Acquire(const RequestTemplate& request);

  const ScenarioFlows& flows_;
  std::deque<TracedBytes> storage_;
  // By RequestTemplate::series: what has carried the bytes of a request has room for them again.
  std::vector<TracedBytes*> free_;
};

}  // namespace loadfleet
