// A value of the plan as JSON, for `json:` bodies.
#pragma once

#include <string>

#include "common/plan/document.h"

namespace loadfleet {

// Compact JSON (RFC 8259), keys in the order of the plan. A plain scalar is a number, true, false
// or null where JSON would read it as one, digit for digit; every other scalar is a string, and so
// is everything in quotes.
std::string JsonText(const Node& node);

}  // namespace loadfleet
