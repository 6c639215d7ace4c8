// The one table of who may call what.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/net/certificate.h"

namespace loadfleet {

// Whether `role` may call `method`, "Api.Submit" of loadfleet/v1. What the table does not name
// nobody may.
bool MayCall(Role role, absl::string_view method);

// "role operator", "role viewer or operator": whom the table names; "no role" for any other method.
std::string RolesFor(absl::string_view method);

}  // namespace loadfleet
