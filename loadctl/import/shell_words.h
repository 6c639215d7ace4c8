// A command line as a POSIX shell splits it, without expanding anything. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace loadfleet {

// Quoting by POSIX (Shell Command Language, 2.2): '..', "..", backslash, backslash-newline; and
// $'..', which browsers' "copy as cURL" writes. INVALID_ARGUMENT with `line:column` for a quote
// without its end, and for what a shell would expand or act upon: $NAME, `..`, |, ;, &, <, >, ( and
// ).
absl::StatusOr<std::vector<std::string>> ShellWords(absl::string_view text);

}  // namespace loadfleet
