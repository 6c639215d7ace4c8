// `outputs`: the files into which a run's report goes when it has ended.
#pragma once

#include "common/plan/reader.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Reads them into `plan`. Each is below the folder of the plan, or of where there is no plan file:
// somebody else's plan must not say what is overwritten.
void ReadOutputs(MapReader map, v1::Plan* plan);

}  // namespace loadfleet
