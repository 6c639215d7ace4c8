// What follows from a plan's scenarios taken together. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The name of the request with this index; empty when the plan has none.
std::string RequestName(const v1::Plan& plan, uint32_t index);

Nanos LoadDuration(const v1::Scenario& scenario);
Nanos LoadDuration(const v1::Plan& plan);  // of the longest scenario
Nanos GracefulStop(const v1::Plan& plan);  // the longest one
// What may be stored and shown: without private keys.
v1::Plan WithoutSecrets(v1::Plan plan);

// Whether any request is over TLS.
bool UsesTls(const v1::Plan& plan);

double PlannedRate(const v1::Plan& plan);  // a second, of the open scenarios; 0 without any

}  // namespace loadfleet
