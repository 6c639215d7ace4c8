// What a plan will do, worked out before anything is sent. Pure functions of the compiled plan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/schedule/load_lines.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct ScenarioOutline {
  std::string name;
  bool open = false;                  // an open model
  std::vector<LoadLine> stages;       // one after the other
  double requests_per_iteration = 0;  // on average, with every `if` taken
  // In an open model how many there will be; with a fixed number the most. Nothing: as many as the
  // target answers.
  std::optional<uint64_t> iterations;
  std::optional<uint64_t> requests;  // of these
};

struct FeederOutline {
  std::string name;
  uint64_t rows = 0;
  bool copy = false;  // on each agent
  bool stop = false;  // the scenarios end with the rows
  std::vector<std::string> scenarios;
  // Of these together, of those with an executor that says how many: what the rows are wanted for.
  // Nothing: one of them goes on for as long as it can.
  std::optional<uint64_t> iterations;
};

// What one agent gets of everything, by the dealing of slots that the master does.
struct AgentOutline {
  double share = 0;  // 0..1
  uint64_t requests = 0;
  double peak_rate = 0;
  uint64_t vus = 0;
  uint64_t connections = 0;  // at least one, whatever its share
};

struct PlanOutline {
  std::string name;
  std::vector<std::string> origins;  // "http://shop.test:8080", in the order of the flows
  Nanos duration = 0;
  Nanos graceful_stop = 0;
  std::vector<ScenarioOutline> scenarios;
  std::vector<FeederOutline> feeders;
  uint64_t open_requests = 0;  // of all open models together
  // False: only the mean is known, of very many Poisson arrivals or where flows are drawn.
  bool exact = true;
  bool conditional = false;    // whether steps of them may be passed over: there are fewer then
  uint64_t most_iterated = 0;  // requests of scenarios with a fixed number of iterations
  bool unknown = false;        // whether others send as many as the target answers
  double peak_rate = 0;        // arrivals a second of all open models at one time
  double peak_requests = 0;    // requests a second, likewise
  uint64_t peak_vus = 0;       // of all closed models at one time
  uint64_t connections = 0;    // over the cluster
  uint32_t redirects = 0;      // that a request may follow, at most; they are in no other number
  bool cookies = false;        // users send back what they are given
  double traced = 0;           // 0..1, the share of requests that carry a trace id
  std::vector<AgentOutline> agents;
  std::string setup;            // the flow that is done before the load; empty: none
  std::string teardown;         // and after it
  bool agents_assumed = false;  // nobody said how many: the plan's minimum
};

// `agents`: how many take part, of equal weight; nothing: the plan's minimum. At least 1.
PlanOutline OutlineOf(const v1::Plan& plan, std::optional<uint32_t> agents);

enum class Quantity { kRate, kVus };

// The load over its whole duration in `columns` stretches of equal length: in each the highest
// value.
std::vector<double> CurveOf(const PlanOutline& outline, Quantity quantity, size_t columns);

// How many cores send so many requests a second, and how many agents have them. The assumption:
// kRequestsPerCore on each of kCoresPerAgent cores. docs/performance.md measured twice that for
// small HTTP/1.1 responses without TLS; a core that is half busy still keeps to its schedule.
struct GeneratorNeed {
  uint64_t cores = 0;
  uint64_t agents = 0;
};
inline constexpr uint32_t kRequestsPerCore = 60'000;
inline constexpr uint32_t kCoresPerAgent = 4;
GeneratorNeed NeedOf(double requests_per_second);

}  // namespace loadfleet
