// What is imported, read from where its author keeps it.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace loadfleet {

// INVALID_ARGUMENT with "cannot read shop.har: No such file or directory", or with the limit
// (limits::kImportBytes) when there is more. `-` is standard input.
absl::StatusOr<std::string> ReadInput(const std::string& path);

// ReadInput, or a test's.
using ReadsFile = std::function<absl::StatusOr<std::string>(const std::string& path)>;

}  // namespace loadfleet
