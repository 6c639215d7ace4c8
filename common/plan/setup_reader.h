// `setup` and `teardown`: flows that are done once, before and after the load.
#pragma once

#include <vector>

#include "common/plan/reader.h"
#include "common/plan/variables.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Into a plan that has its flows. `flow_uses`: what each of them asks of setup, by index;
// `default_uses`: what the defaults of all requests do. A default header that does is left out of
// setup's own requests, where nothing is captured yet.
void ReadSetupAndTeardown(MapReader& plan, const std::vector<VariableUses>& flow_uses,
                          const VariableUses& default_uses, v1::Plan* out);

// Of a plan whose flows have no names.
void RefuseSetupAndTeardown(MapReader& plan, VariableUses uses, const VariableUses& default_uses);

}  // namespace loadfleet
