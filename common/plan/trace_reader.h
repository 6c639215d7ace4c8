// `trace:` of a plan's defaults: which requests carry a `traceparent` (W3C Trace Context).
#pragma once

#include "common/plan/reader.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

v1::TracePolicy ReadTrace(MapReader map);

// A problem for a header `traceparent` among `headers` (null: there are none) of a plan that has
// `trace`, which writes it.
void RefuseTraceparent(const Entry* headers, Problems* problems);

}  // namespace loadfleet
