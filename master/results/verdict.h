// Can the numbers be trusted, and are they good: pure.
#pragma once

#include <string>
#include <vector>

#include "loadfleet/v1/plan.pb.h"
#include "loadfleet/v1/report.pb.h"
#include "master/results/agent_account.h"

namespace loadfleet {

struct VerdictInput {
  const v1::Plan& plan;
  bool aborted = false;
  std::vector<std::string> abort_reasons = {};
  double coverage = 1;           // 0..1 of agent-seconds whose windows came, weighted by share
  double planned = 0;            // arrivals of the open scenarios over the load's duration; 0: none
  uint64_t intended = 0;         // of the open scenarios, as the agents counted them
  uint64_t dropped_in_gaps = 0;  // of these, by agents that stood still for a while
  RequestStats total = {};
  std::vector<const AgentAccount*> agents = {};
  std::vector<std::string> failed_thresholds = {};  // each with its value
};

struct Judgement {
  v1::Verdict verdict = v1::VERDICT_PASSED;
  std::vector<std::string> reasons;  // all of them, in the order of precedence
  std::vector<std::string> notes;    // worth knowing, without consequence
};

// Precedence: aborted, invalid, failed, passed.
Judgement Judge(const VerdictInput& input);

}  // namespace loadfleet
