// A file that is there as a whole or not at all.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace loadfleet {

// Writes `content` to a temporary name in the same folder, syncs it and renames it: a reader sees
// the old file or the whole new one, also after a power cut. UNKNOWN with the operating system's
// reason, and nothing left behind.
absl::Status WriteAtomically(const std::string& path, absl::string_view content);

// Whether WriteAtomically has a chance, found out by really making a file and removing it.
// INVALID_ARGUMENT with the operating system's reason.
absl::Status CheckWritable(const std::string& path);

}  // namespace loadfleet
