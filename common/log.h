// Structured logs on standard error. One logger per program; the only global state beside flags.
#pragma once

#include <string>

#include <spdlog/spdlog.h>

#include "absl/status/status.h"

namespace loadfleet {

// Call once, before any thread starts. `level`: trace, debug, info, warning, error, off. `format`:
// text or json. INVALID_ARGUMENT on any other word.
absl::Status StartLogging(const std::string& program, const std::string& level,
                          const std::string& format);

}  // namespace loadfleet
