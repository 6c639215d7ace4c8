// What holds at the end of every run, whatever has happened to it: CONTRACT's invariants as far as
// they can be seen from outside, by the report and by what the target has written down.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/time/time.h"
#include "tests/support/truth_server.h"

namespace loadfleet {

// One scenario with one request, at one rate.
struct PlannedLoad {
  int64_t rate = 300;  // arrivals a second
  absl::Duration duration = absl::Seconds(6);
  std::string agents = "{on_loss: continue}";
  std::string more = "";  // further keys of the short form
};

// A plan for the truth server. The generator's lateness does not judge it: see Plan().
std::string PlanOf(const PlannedLoad& load);

// What may be missing because a test has broken it.
struct Damage {
  std::set<std::string> killed =
      {};                    // agents that ended without a word, or were not heard any more
  bool ended_early = false;  // the run was stopped
};

// Fails the test where the report contradicts itself, the plan, or the truth.
void ExpectInvariants(const nlohmann::json& summary, const std::vector<TruthServer::Request>& truth,
                      const PlannedLoad& load, const Damage& damage = {});

// The part of a summary that is one agent's; an empty object when it has none.
nlohmann::json AgentOf(const nlohmann::json& summary, const std::string& name);

}  // namespace loadfleet
