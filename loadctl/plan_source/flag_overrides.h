// Flags as overrides of the plan's keys: `--rate 5000` is `rate: 5000` with its origin, so that the
// plan compiler's messages name the flag.
#pragma once

#include "absl/status/status.h"
#include "loadctl/plan_source/plan_flags.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

// Appends to source->overrides. INVALID_ARGUMENT: a flag is not of its form; the message names it.
absl::Status AddOverrides(const PlanFlags& flags, v1::PlanSource* source);

}  // namespace loadfleet
