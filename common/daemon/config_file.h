// A daemon's YAML file: the same keys as its flags, in snake_case.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include "absl/status/status.h"

namespace loadfleet {

// Gives every option of `app` that the command line left alone its value from the file: flags win.
// `app` has parsed its command line. A repeatable option takes a list, or a map that becomes
// "key=value" texts.
//
// INVALID_ARGUMENT names every wrong key or value as file:line:column, one a line, with the nearest
// known key.  NOT_FOUND: the file cannot be read.
absl::Status ApplyConfigFile(const std::string& path, CLI::App& app);

}  // namespace loadfleet
