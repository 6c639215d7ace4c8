// The stages of a scenario as spans of time. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct Stage {
  std::string name;  // empty: the plan gives none
  Nanos begin = 0;   // since the scenario's start
  Nanos end = 0;     // the first moment that is not in it; begin, when it is a jump
  bool measured = true;
  bool idle = false;  // nothing is asked for in it: from nought to nought
};

// In the plan's order, each beginning where the one before ends; empty for a scenario without
// stages.
std::vector<Stage> StagesOf(const v1::Scenario& scenario);

}  // namespace loadfleet
