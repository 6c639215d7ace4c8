// The plan format as a JSON Schema (2020-12), for editors.
#pragma once

#include "absl/strings/string_view.h"

namespace loadfleet {

// docs/plan.schema.json, as it was when this was built.
absl::string_view PlanSchema();

}  // namespace loadfleet
