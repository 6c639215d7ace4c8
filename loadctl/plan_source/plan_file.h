// A plan's text, read from where its author keeps it.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace loadfleet {

// INVALID_ARGUMENT with "cannot read plan.yaml: No such file or directory". Reads no more than the
// plan compiler accepts and one byte, so that a wrong path (/dev/zero) ends as its error.
absl::StatusOr<std::string> ReadPlanFile(const std::string& path);

}  // namespace loadfleet
