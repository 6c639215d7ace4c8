// A file that becomes a body, or a part of one.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/plan/document.h"
#include "common/plan/plan_files.h"

namespace loadfleet {

// The bytes of the file that `name` names. INVALID_ARGUMENT says for the plan's author why there
// are none.
absl::StatusOr<std::string> ReadBodyFile(const Node& name, PlanFiles* files);

// Of a file only what is named `.tmpl` is filled in: others may hold anything.
bool IsTemplateFile(const Node& name);

}  // namespace loadfleet
