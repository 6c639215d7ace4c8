// What the command lines of the daemons have in common.
#pragma once

#include <optional>
#include <string>

#include <CLI/App.hpp>

#include "absl/status/status.h"
#include "common/exit_code.h"

namespace loadfleet {

struct DaemonFlags {
  std::string config;
  std::string tls;
  bool insecure_listen = false;
  std::string log_level = "info";
  std::string log_format = "text";
};

// Adds --config, --tls, --insecure-listen, --log-level, --log-format and --version.
void AddDaemonFlags(CLI::App& app, DaemonFlags* flags);

// Parses the command line and the file that --config names, and starts the log. Nothing: go on.
// Otherwise what to exit with at once: --help and --version have been printed to standard output,
// or what is wrong to standard error.
std::optional<ExitCode> ParseDaemonCommandLine(CLI::App& app, const DaemonFlags& flags, int argc,
                                               const char* const* argv);

// Prints "PROGRAM: message" to standard error. The code of common/exit_code.h that `error` means
// for a daemon that cannot start: a port in use, and an address it must not listen on, are
// kUnreachable.
ExitCode FailedToStart(const CLI::App& app, const absl::Status& error);

}  // namespace loadfleet
