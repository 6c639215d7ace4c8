// What a request of the plan expects of its response and takes from it: `expect` and `capture`.
#pragma once

#include "common/plan/reader.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Adds to `request` what stands below the two keys of `step`.
void ReadExpect(MapReader& step, v1::Request* request);
void ReadCapture(MapReader& step, v1::Request* request);

}  // namespace loadfleet
