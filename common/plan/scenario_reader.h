// The keys that say how a flow is loaded: executor, rate or VUs, duration and what comes with them.
#pragma once

#include "common/clock.h"
#include "common/plan/reader.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The executor that `executor` names, which is required. Name and flow of the scenario are the
// caller's to set. `max_lateness` is the default of that key: the total timeout of the flow's
// request.
v1::Scenario ReadScenario(MapReader& map, Nanos max_lateness);

// The short form: `rate` makes the executor constant-arrival-rate, `vus` constant-vus.
v1::Scenario ReadShortScenario(MapReader& map, Nanos max_lateness);

// Every key of the short form that says how its request is loaded.
absl::Span<const absl::string_view> LoadKeys();

}  // namespace loadfleet
