// The protocol's enumerations as people and scripts read them. Pure functions.
#pragma once

#include "absl/strings/string_view.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

absl::string_view RunStateName(v1::RunState state);         // "preparing" ... "ended"
absl::string_view AgentHealthName(v1::AgentHealth health);  // "up", "suspect", "lost"
absl::string_view AgentStateName(v1::AgentState state);     // "idle" ... "fenced"

}  // namespace loadfleet
