// The most that whoever runs an agent lets a plan ask of it.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "common/slots.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct LoadCeiling {
  double requests_per_second = 0;  // planned, of the open model; 0: any
  uint64_t connections = 0;        // to one origin at a time; 0: any
};

// RESOURCE_EXHAUSTED with both numbers: what falls to the owner of `slots` is more. A closed model
// plans no rate: only its connections are looked at.
absl::Status CheckCeiling(const v1::Plan& plan, const SlotSet& slots, const LoadCeiling& ceiling);

// The most requests a second that the plan's open scenarios make together at any moment.
double PeakRequestRate(const v1::Plan& plan);

}  // namespace loadfleet
