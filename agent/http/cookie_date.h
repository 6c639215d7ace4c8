// Dates as servers write them into cookies.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace loadfleet {

// The moment that a cookie's Expires means, in milliseconds since 1970 (RFC 6265, 5.1.1). False: it
// is none.
bool ParseCookieDate(absl::string_view text, int64_t* millis);

}  // namespace loadfleet
