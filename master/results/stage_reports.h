// What became of each stage of the plan.
#pragma once

#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"
#include "loadfleet/v1/report.pb.h"
#include "master/results/sums.h"

namespace loadfleet {

// Adds a StageReport for each stage of each scenario that has stages, in the plan's order.
// `duration`: of the load, as it was.
void FillStages(const v1::Plan& plan, const Sums& sums, Nanos duration, v1::Report* report);

}  // namespace loadfleet
