// The JSON summary of a run: what scripts rely on. Fields may be added, none is ever renamed or
// removed.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

enum class JsonLayout { kIndented, kOneLine };

// Without a final newline. Times are milliseconds. Quantiles of response_time that are only known
// to be at least their value are listed in its "lower_bounds". "mean_ms" is that of complete
// responses. A number that has no meaning (the planned rate of a closed model, the arrivals of one
// request) is null. DATA_LOSS when the report is not what a master writes.
absl::StatusOr<std::string> SummaryJson(const v1::Report& report, JsonLayout layout);

}  // namespace loadfleet
