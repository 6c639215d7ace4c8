// `tls:` of a plan: whom to trust, who we are, and which versions.
#pragma once

#include "common/plan/plan_files.h"
#include "common/plan/reader.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Certificates and keys are read from `files` and looked at: what is none, or does not belong
// together, is a problem at its place.
v1::TlsPolicy ReadTls(MapReader map, PlanFiles* files);

}  // namespace loadfleet
