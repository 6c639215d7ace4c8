// `loadctl certs`: what mutual TLS between the three programs needs.
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "loadctl/certs/certificate_folders.h"
#include "loadctl/commands/command.h"

namespace loadfleet {
namespace {

constexpr int64_t kMostDays = 36'500;

struct CertsFlags {
  std::string out;
  FleetCertificates wanted;
};

// How the three are started with it.
std::string NextSteps(const CertsFlags& flags, const MadeFolders& made) {
  const auto path = [&flags](const std::string& folder) {
    return absl::StrCat(flags.out, flags.out.back() == '/' ? "" : "/", folder);
  };
  const std::string master = flags.wanted.master_hosts.front();
  const std::string address = absl::StrCat(
      master.find(':') == master.npos ? master : absl::StrCat("[", master, "]"), ":7070");
  std::string text =
      absl::StrCat("made in ", flags.out, ", good for ", flags.wanted.days,
                   " days, keys readable by you alone:\n  ", made.ca,
                   "  the CA; its key.pem is needed by no program: keep it elsewhere\n");
  const auto line = [&text](const std::string& folder, const std::string& what) {
    absl::StrAppend(&text, "  ", folder, "  ", what, "\n");
  };
  line(made.master, "the master, reached by the names that you gave");
  for (const std::string& agent : made.agents) {
    line(agent, flags.wanted.agents.empty() ? "agents of whatever name" : "the agent of this name");
  }
  line(made.operator_folder, "whoever submits and stops runs");
  line(made.viewer, "whoever only looks");
  absl::StrAppend(&text, "\nloadmaster --listen 0.0.0.0:7070 --tls ", path(made.master), "\n");
  for (size_t i = 0; i < made.agents.size(); ++i) {
    absl::StrAppend(&text, "loadagent --master ", address, " --tls ", path(made.agents[i]));
    if (!flags.wanted.agents.empty()) {
      absl::StrAppend(&text, " --name ", flags.wanted.agents[i]);
    }
    absl::StrAppend(&text, "\n");
  }
  absl::StrAppend(&text, "loadctl --master ", address, " --tls ", path(made.operator_folder),
                  " agents\n");
  return text;
}

ExitCode Execute(const CertsFlags& flags) {
  const absl::StatusOr<MadeFolders> made = MakeFolders(flags.out, flags.wanted);
  if (!made.ok()) return Fail(made.status());
  std::cout << NextSteps(flags, *made);
  return ExitCode::kPassed;
}

}  // namespace

Command AddCertsCommand(CLI::App& root) {
  CLI::App* app = root.add_subcommand("certs", "Make certificates for mutual TLS");
  app->require_subcommand(1);
  CLI::App* init =
      app->add_subcommand("init", "A private CA and a certificate for each role, each in a folder");
  const auto flags = std::make_shared<CertsFlags>();
  FleetCertificates& wanted = flags->wanted;
  init->add_option("--out", flags->out, "Where the folders go")->option_text("DIR")->required();
  init->add_option("--master", wanted.master_hosts,
                   "Every name and address that the master is reached by")
      ->option_text("HOST[,HOST...]")
      ->delimiter(',')
      ->required();
  init->add_option("--agents", wanted.agents,
                   "One certificate for each, good for this name only; when absent one for all")
      ->option_text("NAME[,NAME...]")
      ->delimiter(',');
  init->add_option("--operator", wanted.operator_name, "Who it is, for the audit log")
      ->option_text("NAME=operator");
  init->add_option("--days", wanted.days, "How long they hold")
      ->option_text("N=365")
      ->check(CLI::Range(int64_t{1}, kMostDays));
  AddExamples(init, {"loadctl certs init --out certs --master master.internal,10.0.0.5",
                     "loadctl certs init --out certs --master 10.0.0.5 --agents a1,a2,a3"});
  return {app, [flags] { return Execute(*flags); }};
}

}  // namespace loadfleet
