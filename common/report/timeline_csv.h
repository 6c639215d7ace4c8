// The run second by second, for a spreadsheet or a script (RFC 4180).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// A header row, then a row a second. Times are milliseconds; where one is known only to be above,
// the column `lower_bounds` names it.
absl::StatusOr<std::string> TimelineCsv(const v1::Report& report);

}  // namespace loadfleet
