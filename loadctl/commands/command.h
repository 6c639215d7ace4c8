// What every verb of loadctl is made of. One file per verb beside this one; main.cc lists them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <google/protobuf/repeated_ptr_field.h>
#include <CLI/CLI.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/exit_code.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

class ApiClient;

struct GlobalFlags {
  std::string master;      // HOST:PORT
  std::string tls;         // a TlsFolder; empty: nothing is encrypted
  std::string token_file;  // empty: LOADFLEET_TOKEN, if it is set
};

// A verb: its part of the command line, and what it does once that has been parsed.
struct Command {
  CLI::App* app = nullptr;
  std::function<ExitCode()> execute;
};

// Each adds its verb and flags to `root`. Nothing has an effect before execute(). `globals` must
// outlive the command.
Command AddRunCommand(CLI::App& root);
Command AddSubmitCommand(CLI::App& root, const GlobalFlags& globals);
Command AddValidateCommand(CLI::App& root);
Command AddExplainCommand(CLI::App& root);
Command AddImportCommand(CLI::App& root);
Command AddSchemaCommand(CLI::App& root);
Command AddWatchCommand(CLI::App& root, const GlobalFlags& globals);
Command AddStopCommand(CLI::App& root, const GlobalFlags& globals);
Command AddRunsCommand(CLI::App& root, const GlobalFlags& globals);
Command AddReportCommand(CLI::App& root, const GlobalFlags& globals);
Command AddAgentsCommand(CLI::App& root, const GlobalFlags& globals);
Command AddTargetCommand(CLI::App& root);
Command AddCertsCommand(CLI::App& root);
Command AddCompletionCommand(CLI::App& root);  // of `root` as it is when it is printed

// The master that the global flags name, with what they and the environment say of who asks; no
// byte is sent yet. INVALID_ARGUMENT and FAILED_PRECONDITION: a file is not what it should be, or a
// token would go unencrypted beyond this machine.
absl::StatusOr<ApiClient> ConnectToMaster(const GlobalFlags& globals);

// Adds command lines to the end of the verb's --help.
void AddExamples(CLI::App* app, const std::vector<std::string>& lines);

// One line on standard error; the exit code that goes with it.
ExitCode Fail(const absl::Status& error);

// A plan's problems on standard error, one a line; kUsageOrPlan.
ExitCode FailWithProblems(const google::protobuf::RepeatedPtrField<v1::Problem>& problems);

// No message can carry a plan that is not UTF-8, so the master never sees which byte is wrong: its
// problem is told here. Nothing: it can be sent.
std::optional<ExitCode> FailUnlessUtf8(const v1::PlanSource& source);

}  // namespace loadfleet
