// The final report for a person: one screen, the verdict first.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

struct TextStyle {
  // ANSI colours. The caller knows whether this goes to a terminal and whether NO_COLOR is set.
  bool color = false;
};

// Ends with a newline. At most 80 columns, as long as names are of a usual length; requests and
// agents beyond the first few are counted, not listed. Nothing in it can control a terminal, but
// for the colours. DATA_LOSS when the report is not what a master writes.
absl::StatusOr<std::string> SummaryText(const v1::Report& report, const TextStyle& style);

}  // namespace loadfleet
