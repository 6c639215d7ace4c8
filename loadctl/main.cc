#include <array>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "common/exit_code.h"
#include "common/log.h"
#include "common/net/listen_address.h"
#include "common/protocol.h"
#include "loadctl/commands/command.h"

namespace loadfleet {
namespace {

constexpr char kExitCodes[] =
    "Exit codes: 0 passed, 1 internal error, 2 usage or plan, 3 invalid, 4 aborted,\n"
    "5 cannot reach or not allowed, 99 failed.";

// For CLI11: the empty string when `text` is HOST:PORT, else what is wrong with it.
std::string CheckHostPort(const std::string& text) {
  const absl::StatusOr<HostPort> parsed = ParseHostPort(text);
  const bool good = parsed.ok() && !parsed->host.empty() && parsed->port > 0;
  return good ? "" : "it must be HOST:PORT, not " + text;
}

int Main(int argc, char** argv) {
  CLI::App root("Load-test HTTP servers, from this machine or from a cluster of agents", "loadctl");
  root.footer(kExitCodes);
  root.set_version_flag("--version", std::string("loadctl ") + kVersion);
  root.require_subcommand(0, 1);  // a verb that is missing is told from one that is wrong
  root.failure_message([](const CLI::App*, const CLI::Error& error) {
    return std::string("loadctl: ") + error.what() + " (--help tells more)\n";
  });
  root.fallthrough();  // --master may also stand behind the verb
  GlobalFlags globals;
  root.add_option("--master", globals.master, "Where the master listens")
      ->type_name("HOST:PORT")
      ->envname("LOADFLEET_MASTER")
      ->default_str("127.0.0.1:7070")
      ->check(CheckHostPort);
  globals.master = "127.0.0.1:7070";
  root.add_option("--tls", globals.tls,
                  "Folder with ca.pem, cert.pem and key.pem for a master with TLS (loadctl certs)")
      ->type_name("DIR")
      ->envname("LOADFLEET_TLS");
  root.add_option("--token-file", globals.token_file,
                  "Holds the token that says who you are; without it LOADFLEET_TOKEN is asked")
      ->type_name("FILE");

  const std::array<Command, 14> commands = {AddRunCommand(root),
                                            AddSubmitCommand(root, globals),
                                            AddValidateCommand(root),
                                            AddExplainCommand(root),
                                            AddImportCommand(root),
                                            AddSchemaCommand(root),
                                            AddWatchCommand(root, globals),
                                            AddStopCommand(root, globals),
                                            AddRunsCommand(root, globals),
                                            AddReportCommand(root, globals),
                                            AddAgentsCommand(root, globals),
                                            AddTargetCommand(root),
                                            AddCertsCommand(root),
                                            AddCompletionCommand(root)};
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for = root.exit(error) == 0;  // --help, --version
    return static_cast<int>(asked_for ? ExitCode::kPassed : ExitCode::kUsageOrPlan);
  }
  // Warnings of the master and the agent that `run` holds would tear the live view; what matters of
  // them is in the report.
  if (absl::Status status = StartLogging("loadctl", "error", "text"); !status.ok()) {
    return static_cast<int>(Fail(status));
  }
  for (const Command& command : commands) {
    if (command.app->parsed()) return static_cast<int>(command.execute());
  }
  std::cerr << root.help();
  return static_cast<int>(ExitCode::kUsageOrPlan);
}

}  // namespace
}  // namespace loadfleet

int main(int argc, char** argv) {
  return loadfleet::Main(argc, argv);
}
