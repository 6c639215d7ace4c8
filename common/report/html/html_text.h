// Text of a plan or a target as HTML that shows it and does nothing else.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace loadfleet {

// For element content and for attributes in double quotes. What Printable takes out is gone; line
// ends are among that.
std::string HtmlText(absl::string_view text);

// Likewise, but line ends and tabs stay, for <pre>.
std::string HtmlLines(absl::string_view text);

}  // namespace loadfleet
