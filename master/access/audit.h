// The audit log: one line for everything that moves load, or was refused.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "master/access/access.h"

namespace loadfleet {

using AuditFields = std::vector<std::pair<std::string, std::string>>;

// Who, from where, what (a method, "Api.Submit"), on what (`subject`: run, plan, agent, file; no
// secret is among it), and how it went, by the logger `audit` (common/log.h). Nothing for a caller
// of this process. Thread-safe.
void Audit(const Caller& caller, absl::string_view what, const AuditFields& subject,
           const absl::Status& result);

}  // namespace loadfleet
