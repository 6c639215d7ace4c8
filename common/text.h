// Text that came from outside, made safe to check and to show.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace loadfleet {

// How many leading bytes of `text` are valid UTF-8 (RFC 3629: no surrogates, no overlong forms).
// text.size(): all of it.
size_t ValidUtf8Prefix(absl::string_view text);

// `text` for a message that quotes it by itself: escaped so that it is one line of valid UTF-8, and
// cut after about 60 bytes.
std::string Shown(absl::string_view text);

// The same in double quotes.
std::string Quoted(absl::string_view text);

}  // namespace loadfleet
