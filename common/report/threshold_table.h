// The thresholds of a run as a table for people.
#pragma once

#include <string>

#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// Appends nothing when the plan has none. Those that failed come first.
void AppendThresholds(const v1::Report& report, std::string* out);

}  // namespace loadfleet
