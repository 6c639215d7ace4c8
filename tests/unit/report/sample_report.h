// A report made by hand, small enough to check every number of its renderings on paper.
#pragma once

#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// Two agents, two requests, ten arrivals at 5/s over 2 s: seven ok, one status 503, one timeout,
// one dropped.
v1::Report SampleReport();

// Two stages: "warmup" of half a second, not measured, with the first four requests; one without a
// name, of a closed model, with the others.
void AddStages(v1::Report* report);

// One that held, one that ended the run, one of which there was nothing to see.
void AddThresholds(v1::Report* report);

// Two connections over TLS, the times of the eight responses, and three requests sent again.
void AddConnections(v1::Report* report);

// Six requests with trace ids, of the first minute and the second.
void AddTraces(v1::Report* report);

// Five failing exchanges of three kinds.
void AddFailures(v1::Report* report);

// The same requests as the steps of five iterations, one of them dropped, with a group.
v1::Report FlowsReport();

// Of which agent a2 was lost after a second.
v1::Report LostAgentReport();

}  // namespace loadfleet
