// A list of URLs, as vegeta and siege take them, as imported requests.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loadctl/import/imported.h"
#include "loadctl/import/input_file.h"

namespace loadfleet {

// A line is a URL, `METHOD URL` (vegeta), `URL POST text` or `URL POST <file` (siege). Under it may
// stand `Name: value` lines and `@file` with the body (vegeta). Empty lines and those that begin
// with # mean nothing. `name` is the list's path: files are relative to it, and `read` reads them.
// INVALID_ARGUMENT as `name:line: what`.
absl::StatusOr<Imported> ImportUrls(absl::string_view text, const std::string& name,
                                    const ReadsFile& read);

}  // namespace loadfleet
