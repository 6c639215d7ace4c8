// The report as one page that needs nothing else: no script, no network.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// The verdict and its reasons first, then charts, then tables. What came from a plan or a target is
// shown and does nothing. DATA_LOSS when the report is not what a master writes.
absl::StatusOr<std::string> SummaryHtml(const v1::Report& report);

}  // namespace loadfleet
