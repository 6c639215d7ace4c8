// `thresholds`: what must hold, or the run has failed.
#pragma once

#include "common/plan/reader.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Reads them into `plan`, whose scenarios and flows are there already: they are what a threshold
// selects.
void ReadThresholds(MapReader& root, v1::Plan* plan);

}  // namespace loadfleet
