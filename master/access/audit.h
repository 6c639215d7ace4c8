// The audit log: one line for everything that moves load, or was refused.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "master/access/access.h"

namespace loadfleet {

// "who, from where, what, on which run, how it went", by the logger `audit` (common/log.h). `what`
// is a method ("Api.Submit") or what was asked for in it; neither it nor `subject` holds a secret.
// Nothing for a caller of this process. Thread-safe.
void Audit(const Caller& caller, absl::string_view what, absl::string_view subject,
           const absl::Status& result);

}  // namespace loadfleet
