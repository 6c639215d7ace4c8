// `tags` of a request: what thresholds select it by, and reports show.
#pragma once

#include "common/plan/reader.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

void ReadTags(MapReader& step, v1::Request* request);

}  // namespace loadfleet
