#include "loadctl/commands/command.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/files.h"
#include "common/net/listen_address.h"
#include "common/net/rpc_credentials.h"
#include "common/plan/compile.h"
#include "common/text.h"
#include "loadctl/client/api_client.h"
#include "loadctl/client/exit_codes.h"

namespace loadfleet {
namespace {

absl::StatusOr<std::string> ReadToken(const std::string& token_file) {
  if (token_file.empty()) {
    const char* token = std::getenv("LOADFLEET_TOKEN");
    return token == nullptr ? "" : std::string(absl::StripAsciiWhitespace(token));
  }
  const absl::StatusOr<std::string> text = ReadText(token_file);
  if (!text.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--token-file: ", text.status().message()));
  }
  const absl::string_view token = absl::StripAsciiWhitespace(*text);
  if (token.empty() || token.find('\n') != token.npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("--token-file: ", token_file, " does not hold one line, a token"));
  }
  return std::string(token);
}

bool IsThisMachine(const std::string& master) {
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(master);
  return address.ok() && address->IsLoopback();
}

}  // namespace

absl::StatusOr<ApiClient> ConnectToMaster(const GlobalFlags& globals) {
  absl::StatusOr<std::string> token = ReadToken(globals.token_file);
  if (!token.ok()) return token.status();
  ApiClient::Security security;
  security.token = *std::move(token);
  if (!globals.tls.empty()) {
    const absl::StatusOr<TlsFolder> folder = ReadTlsFolder(
        globals.tls, security.token.empty() ? OwnCertificate::kNeeded : OwnCertificate::kOptional);
    if (!folder.ok()) return folder.status();
    auto credentials = NewChannelCredentials(*folder);
    if (!credentials.ok()) return credentials.status();
    security.credentials = *std::move(credentials);
  } else if (!security.token.empty() && !IsThisMachine(globals.master)) {
    return absl::FailedPreconditionError(
        absl::StrCat("will not send a token to ", globals.master,
                     " unencrypted: --tls DIR with the master's ca.pem in it"));
  }
  return ApiClient::ToAddress(globals.master, std::move(security));
}

void AddExamples(CLI::App* app, const std::vector<std::string>& lines) {
  std::string examples = "Examples:\n";
  for (const std::string& line : lines) examples += "  " + line + "\n";
  app->footer(examples + "\n" + app->get_footer());
}

ExitCode Fail(const absl::Status& error) {
  std::cerr << "loadctl: " << error.message() << '\n';
  return ExitCodeOf(error);
}

ExitCode FailWithProblems(const google::protobuf::RepeatedPtrField<v1::Problem>& problems) {
  for (const v1::Problem& problem : problems) std::cerr << FormatProblem(problem) << '\n';
  return ExitCode::kUsageOrPlan;
}

std::optional<ExitCode> FailUnlessUtf8(const v1::PlanSource& source) {
  if (ValidUtf8Prefix(source.text()) == source.text().size()) return std::nullopt;
  const CompiledPlan compiled = CompilePlan(source);
  return FailWithProblems({compiled.problems.begin(), compiled.problems.end()});
}

}  // namespace loadfleet
