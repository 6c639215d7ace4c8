// A flow by its name.
#pragma once

#include <cstdint>
#include <optional>

#include "common/plan/reader.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The index in `plan`, which has its flows, of the one that `flow` of `map` names. One that is not
// there is a problem, with the nearest that is.
std::optional<uint32_t> FindFlow(MapReader& map, const v1::Plan& plan);

}  // namespace loadfleet
