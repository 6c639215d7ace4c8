// The stages of a run as a table for people.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// Appends nothing when the plan has no stages. DATA_LOSS when the report is not what a master
// writes.
absl::Status AppendStages(const v1::Report& report, std::string* out);

}  // namespace loadfleet
