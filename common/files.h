// What the standard library does not do with files.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace loadfleet {

// $TMPDIR, or /tmp.
std::string TemporaryFolder();

// The whole file. NOT_FOUND, "cannot read PATH: " and the operating system's reason. Blocks.
absl::StatusOr<std::string> ReadText(const std::string& path);

// All of it, however many writes that takes. False with errno set. Blocks.
bool WriteAll(int fd, absl::string_view content);

}  // namespace loadfleet
