// What follows from a plan's scenarios taken together. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The name of the request with this index; empty when the plan has none.
std::string RequestName(const v1::Plan& plan, uint32_t index);

// What both open-model executors share; null for a closed model.
const v1::OpenModel* OpenModelOf(const v1::Scenario& scenario);

// The most VUs that are active at a time; 0 for an open model.
uint64_t MostVus(const v1::Scenario& scenario);

// With a fixed number of iterations the most that they may take.
Nanos LoadDuration(const v1::Scenario& scenario);
Nanos LoadDuration(const v1::Plan& plan);  // of the longest scenario
Nanos GracefulStop(const v1::Plan& plan);  // the longest one
// What may be stored and shown: without private keys.
v1::Plan WithoutSecrets(v1::Plan plan);

// Whether any request is over TLS.
bool UsesTls(const v1::Plan& plan);

// A second, of the open scenarios, each on average over its duration; 0 without any.
double PlannedRate(const v1::Plan& plan);
// Likewise, on average over the first `duration` of the run, which is above 0: what can be compared
// with what was achieved in it.
double PlannedRate(const v1::Plan& plan, Nanos duration);

}  // namespace loadfleet
