// Structured logs on standard error. One logger per program; the only global state beside flags.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "absl/status/status.h"

namespace loadfleet {

// Call once, before any thread starts. `level`: trace, debug, info, warning, error, off. `format`:
// text or json. INVALID_ARGUMENT on any other word.
absl::Status StartLogging(const std::string& program, const std::string& level,
                          const std::string& format);

// One line of the logger `audit`, which no level but `off` silences: the fields in this order,
// those without a value left out, as key="value" in text and as members of the line's object in
// JSON. Nothing before StartLogging. Thread-safe.
void LogAudit(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace loadfleet
