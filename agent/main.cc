// loadagent: generates the load that a master deals it.
#include <unistd.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/agent.h"
#include "common/daemon/command_line.h"
#include "common/daemon/stop_signals.h"
#include "common/limits.h"
#include "common/net/listen_address.h"
#include "common/net/rpc_channel.h"
#include "common/net/rpc_credentials.h"

namespace loadfleet {
namespace {

constexpr Nanos kDrainGrace = 10 * kSecond;

struct AgentFlags {
  DaemonFlags daemon;
  std::string master = "127.0.0.1:7070";
  std::string name;
  std::string http = "127.0.0.1:7090";
  uint32_t workers = 0;
  uint32_t weight = 0;
  std::vector<std::string> labels;
  std::vector<std::string> allow;
  double max_rate = 0;
  uint64_t max_connections = 0;
  std::vector<std::string> source_addresses;
};

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "agent";
}

void AddFlags(CLI::App& app, AgentFlags* flags) {
  app.add_option("--master", flags->master, "The master's address")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--name", flags->name, "Unique in the fleet; this machine's host name by default")
      ->type_name("NAME");
  app.add_option("--http", flags->http, "Where /metrics and /healthz are; empty: nowhere")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--workers", flags->workers, "Threads; 0: one per core that this process may use")
      ->type_name("N")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--weight", flags->weight,
                 "Share of the load against other agents; 0: as many as workers")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--label", flags->labels, "KEY=VALUE that plans can select by; repeatable")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--allow", flags->allow,
                 "ADDRESS, NETWORK/BITS or NAME, with :PORT or :FIRST-LAST: the targets that this "
                 "agent sends load to; without any, loopback and private ranges; repeatable")
      ->type_name("TARGET")
      ->allow_extra_args(false);
  app.add_option("--max-rate", flags->max_rate,
                 "Refuse plans whose share for this agent is more requests a second; 0: any")
      ->type_name("N")
      ->check(CLI::Range(0.0, limits::kRatePerSecond))
      ->capture_default_str();
  app.add_option("--max-connections", flags->max_connections,
                 "Likewise of connections to one origin; 0: any")
      ->type_name("N")
      ->check(CLI::Range(0U, limits::kConnections))
      ->capture_default_str();
  app.add_option("--source-address", flags->source_addresses,
                 "Where connections to targets come from, in turn: more ports; repeatable")
      ->type_name("ADDRESS")
      ->allow_extra_args(false);
  AddDaemonFlags(app, &flags->daemon);
}

absl::Status CheckMaster(const std::string& master) {
  auto parsed = ParseHostPort(master);
  if (!parsed.ok())
    return absl::InvalidArgumentError(absl::StrCat("--master: ", parsed.status().message()));
  if (parsed->host.empty() || parsed->port == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--master: address '", master, "': expected HOST:PORT"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, std::string>> ParseLabels(
    const std::vector<std::string>& texts) {
  if (texts.size() > limits::kLabels) {
    return absl::InvalidArgumentError(
        absl::StrCat("--label: ", texts.size(), " labels, at most ", limits::kLabels));
  }
  std::map<std::string, std::string> labels;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos || text.size() > 2 * limits::kNameBytes) {
      return absl::InvalidArgumentError(absl::StrCat("--label '", text,
                                                     "': expected KEY=VALUE of at most ",
                                                     2 * limits::kNameBytes, " bytes"));
    }
    if (!labels.emplace(text.substr(0, equals), text.substr(equals + 1)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("--label '", text, "': this key stands here twice"));
    }
  }
  return labels;
}

absl::StatusOr<AgentOptions> OptionsOf(const AgentFlags& flags) {
  if (absl::Status status = CheckMaster(flags.master); !status.ok()) return status;
  auto labels = ParseLabels(flags.labels);
  if (!labels.ok()) return labels.status();
  AgentOptions options;
  options.name = flags.name.empty() ? HostName() : flags.name;
  if (options.name.size() > limits::kAgentNameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("--name: ", options.name.size(), " bytes, at most ", limits::kAgentNameBytes));
  }
  options.workers = flags.workers;
  options.weight = flags.weight;
  options.http_listen = flags.http;
  options.insecure_listen = flags.daemon.insecure_listen;
  options.labels = *std::move(labels);
  options.allow = flags.allow;
  options.max_rate = flags.max_rate;
  options.max_connections = flags.max_connections;
  options.master = flags.master;
  options.source_addresses = flags.source_addresses;
  return options;
}

// Null: nothing is encrypted.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(const std::string& tls) {
  if (tls.empty()) return nullptr;
  const absl::StatusOr<TlsFolder> folder = ReadTlsFolder(tls, OwnCertificate::kNeeded);
  if (!folder.ok()) return folder.status();
  return NewChannelCredentials(*folder);
}

ExitCode Main(int argc, char** argv) {
  StopSignals signals;
  AgentFlags flags;
  CLI::App app("Generates the load that a loadfleet master deals it.", "loadagent");
  AddFlags(app, &flags);
  if (auto exit_code = ParseDaemonCommandLine(app, flags.daemon, argc, argv)) return *exit_code;

  auto options = OptionsOf(flags);
  if (!options.ok()) return FailedToStart(app, options.status());
  auto credentials = CredentialsOf(flags.daemon.tls);
  if (!credentials.ok()) return FailedToStart(app, credentials.status());
  auto agent = Agent::Start(
      *options,
      [master = flags.master, credentials = *credentials] {
        return NewMasterChannel(master, credentials);
      },
      SystemClock());
  if (!agent.ok()) return FailedToStart(app, agent.status());
  spdlog::info("agent {} for the master at {}", options->name, flags.master);
  if ((*agent)->http_port() != 0) spdlog::info("metrics on port {}", (*agent)->http_port());

  const char* signal = signals.Wait();
  spdlog::info("{}: draining; a second one ends at once", signal);
  signals.EndAtNext();
  (*agent)->Drain(kDrainGrace);
  return ExitCode::kPassed;
}

}  // namespace
}  // namespace loadfleet

int main(int argc, char** argv) {
  return static_cast<int>(loadfleet::Main(argc, argv));
}
