// `resolve`: hosts whose addresses the plan says, in place of DNS.
#pragma once

#include "common/plan/document.h"
#include "common/plan/problems.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// A map of host names, each to an address or a list of them. None when `entry` is null.
void ReadResolve(const Entry* entry, Problems* problems, v1::DnsPolicy* dns);

}  // namespace loadfleet
