// A text as a YAML scalar that the plan compiler reads back as exactly that text. Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace loadfleet {

// On one line, and as plain as it can be: without quotes, in single ones, else in double ones with
// escapes. Not yaml-cpp's emitter, which writes DEL as it stands: a plan holds no control
// characters. `text` is UTF-8.
std::string YamlText(absl::string_view text);

// As YamlText, for a value: there `${` means a variable, unless it is written `$${`.
std::string YamlValue(absl::string_view text);

}  // namespace loadfleet
