// A report made by hand, small enough to check every number of its renderings on paper.
#pragma once

#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// Two agents, two requests, ten arrivals at 5/s over 2 s: seven ok, one status 503, one timeout,
// one dropped.
v1::Report SampleReport();

// The same requests as the steps of five iterations, one of them dropped, with a group.
v1::Report FlowsReport();

}  // namespace loadfleet
