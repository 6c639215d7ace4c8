// The whole plan from its tree: the top level, scenarios and flows.
#pragma once

#include <string>

#include "common/plan/document.h"
#include "common/plan/plan_files.h"
#include "common/plan/problems.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// `file` names a plan that has no name of its own. The plan is whole only when no problem was
// added.
v1::Plan ReadPlan(const Node& root, const std::string& file, PlanFiles* files, Problems* problems);

}  // namespace loadfleet
