// A report as Markdown with GitHub's tables, for a pull request or a job's summary.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// DATA_LOSS when the report is not what a master writes.
absl::StatusOr<std::string> SummaryMarkdown(const v1::Report& report);

}  // namespace loadfleet
