// How much of a line a text takes. One column a code point: wide characters are rare in what
// loadfleet prints, and a line that is cut a little early does no harm.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace loadfleet {

// `text` is UTF-8 without control characters, as Printable makes it.
size_t ColumnsOf(absl::string_view text);

// At most `columns` of it; never cuts a character in two.
std::string CutToColumns(absl::string_view text, size_t columns);

}  // namespace loadfleet
