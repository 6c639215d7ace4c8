#include "common/daemon/command_line.h"

#include <iostream>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "absl/strings/str_cat.h"
#include "common/daemon/config_file.h"
#include "common/log.h"
#include "common/protocol.h"

namespace loadfleet {

void AddDaemonFlags(CLI::App& app, DaemonFlags* flags) {
  app.add_option("--config", flags->config,
                 "YAML file with the same keys as these flags, in snake_case; flags win")
      ->type_name("FILE")
      ->configurable(false);
  app.add_option("--tls", flags->tls,
                 "Folder with ca.pem, cert.pem and key.pem, as `loadctl certs init` makes them: "
                 "mutual TLS between the three programs")
      ->type_name("DIR");
  app.add_flag("--insecure-listen", flags->insecure_listen,
               "Listen beyond loopback with what is not encrypted, HTTP and everything without "
               "--tls: only on a network of your own");
  app.add_option("--log-level", flags->log_level, "trace, debug, info, warning, error or off")
      ->type_name("LEVEL")
      ->capture_default_str();
  app.add_option("--log-format", flags->log_format, "text or json")
      ->type_name("FORMAT")
      ->capture_default_str();
  app.set_version_flag("--version", absl::StrCat(app.get_name(), " ", kVersion))
      ->configurable(false);
}

std::optional<ExitCode> ParseDaemonCommandLine(CLI::App& app, const DaemonFlags& flags, int argc,
                                               const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help or --version
    app.exit(asked, std::cout, std::cerr);
    return ExitCode::kPassed;
  } catch (const CLI::ParseError& error) {
    std::cerr << app.get_name() << ": " << error.what() << "; see --help\n";
    return ExitCode::kUsageOrPlan;
  }
  absl::Status status;
  if (!flags.config.empty()) status = ApplyConfigFile(flags.config, app);
  if (status.ok()) status = StartLogging(app.get_name(), flags.log_level, flags.log_format);
  if (status.ok()) return std::nullopt;
  std::cerr << app.get_name() << ": " << status.message() << "\n";
  return ExitCode::kUsageOrPlan;
}

ExitCode FailedToStart(const CLI::App& app, const absl::Status& error) {
  std::cerr << app.get_name() << ": " << error.message() << "\n";
  switch (error.code()) {
    case absl::StatusCode::kInvalidArgument:
      return ExitCode::kUsageOrPlan;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kFailedPrecondition:
      return ExitCode::kUnreachable;
    default:
      return ExitCode::kInternal;
  }
}

}  // namespace loadfleet
