// Regular expressions that a plan brings: RE2, so that no text of a target takes more than linear
// time, and within bounds.
#pragma once

#include <memory>
#include <string>

#include <re2/re2.h>

#include "absl/status/statusor.h"

namespace loadfleet {

// INVALID_ARGUMENT says what is wrong with it. UTF-8 is expected of neither it nor the text.
absl::StatusOr<std::unique_ptr<RE2>> CompileRegex(const std::string& pattern);

}  // namespace loadfleet
