// loadmaster: takes plans, deals them to agents, keeps what they measured.
#include <string>

#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include "common/daemon/command_line.h"
#include "common/daemon/stop_signals.h"
#include "master/master.h"

namespace loadfleet {
namespace {

struct MasterFlags {
  DaemonFlags daemon;
  std::string listen = "127.0.0.1:7070";
  std::string http = "127.0.0.1:7080";
  std::string data = "./loadfleet-data";
  std::string tokens;
};

void AddFlags(CLI::App& app, MasterFlags* flags) {
  app.add_option("--listen", flags->listen, "Where agents and loadctl connect to")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--http", flags->http, "Where /metrics and /healthz are; empty: nowhere")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--data", flags->data, "Directory of the run store, made when it is missing")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--tokens", flags->tokens,
                 "Operators' tokens: a line NAME ROLE SHA256 for each, role operator or viewer")
      ->type_name("FILE");
  AddDaemonFlags(app, &flags->daemon);
}

ExitCode Main(int argc, char** argv) {
  StopSignals signals;
  MasterFlags flags;
  CLI::App app("Takes load-test plans, deals them to agents, keeps what they measured.",
               "loadmaster");
  AddFlags(app, &flags);
  if (auto exit_code = ParseDaemonCommandLine(app, flags.daemon, argc, argv)) return *exit_code;
  if (flags.listen.empty() || flags.data.empty()) {
    return FailedToStart(
        app, absl::InvalidArgumentError(flags.listen.empty() ? "--listen: expected HOST:PORT"
                                                             : "--data: expected a directory"));
  }

  MasterOptions options;
  options.grpc_listen = flags.listen;
  options.http_listen = flags.http;
  options.data_dir = flags.data;
  options.tls = flags.daemon.tls;
  options.tokens = flags.tokens;
  options.insecure_listen = flags.daemon.insecure_listen;
  auto master = Master::Start(options, SystemClock());
  if (!master.ok()) return FailedToStart(app, master.status());
  spdlog::info("listening {} for agents and loadctl on port {}",
               options.tls.empty() ? "unencrypted" : "with TLS", (*master)->grpc_port());
  if ((*master)->http_port() != 0) spdlog::info("metrics on port {}", (*master)->http_port());

  const char* signal = signals.Wait();
  spdlog::info("{}: shutting down; agents live on their lease", signal);
  signals.EndAtNext();
  master->reset();
  return ExitCode::kPassed;
}

}  // namespace
}  // namespace loadfleet

int main(int argc, char** argv) {
  return static_cast<int>(loadfleet::Main(argc, argv));
}
