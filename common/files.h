// What the standard library does not do with files.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace loadfleet {

// $TMPDIR, or /tmp.
std::string TemporaryFolder();

// All of it, however many writes that takes. False with errno set. Blocks.
bool WriteAll(int fd, absl::string_view content);

}  // namespace loadfleet
