// A curl command as an imported request.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loadctl/import/imported.h"
#include "loadctl/import/input_file.h"

namespace loadfleet {

// `command` as one types it, or as a browser's "copy as cURL" gives it (see ShellWords). Files that
// it names with @ are read through `read`. INVALID_ARGUMENT names an option that nobody knows, or
// that a plan cannot have. Options that only say what curl prints are passed over.
absl::StatusOr<Imported> ImportCurl(absl::string_view command, const ReadsFile& read);

}  // namespace loadfleet
