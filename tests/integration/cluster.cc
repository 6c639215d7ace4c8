#include "tests/integration/cluster.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"

namespace loadfleet {
namespace {

using nlohmann::json;

std::string Loopback(int port) {
  return absl::StrCat("127.0.0.1:", port);
}

// The port that a program says it took: the number that ends the line with `text`. Throws when it
// says none, so that no test goes on without its cluster.
int PortFrom(Process& process, absl::string_view text) {
  const std::optional<std::string> rest = process.WaitForLine(text, kPatience);
  int port = 0;
  if (!rest || !absl::SimpleAtoi(*rest, &port)) {
    throw std::runtime_error(absl::StrCat("no line with \"", text, "\": ", process.err()));
  }
  return port;
}

std::vector<std::string> Joined(std::vector<std::string> words,
                                const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::unique_ptr<Process> Start(std::vector<std::string> words,
                               const std::vector<std::string>& flags = {}) {
  return std::make_unique<Process>(Command{Joined(std::move(words), flags), {}});
}

}  // namespace

std::string LoadmasterPath() {
  return LOADMASTER;
}
std::string LoadagentPath() {
  return LOADAGENT;
}
std::string LoadctlPath() {
  return LOADCTL;
}

Completed Loadctl(std::vector<std::string> words, std::map<std::string, std::string> environment) {
  words.insert(words.begin(), LoadctlPath());
  return RunToEnd({std::move(words), std::move(environment)}, kPatience);
}

namespace {

size_t ReadyOf(const std::string& agents) {
  const json list = json::parse(agents, nullptr, /*allow_exceptions=*/false);
  return static_cast<size_t>(std::count_if(list.begin(), list.end(), [](const json& agent) {
    return agent.at("state") == "idle" && agent.at("health") == "up" &&
           agent.at("clock_error_bound_ms") > 0.0;
  }));
}

}  // namespace

size_t AgentsReady(const std::string& address) {
  return ReadyOf(Loadctl({"--master", address, "agents", "--json"}).out);
}

TargetProcess::TargetProcess()
    : process_(Start({LoadctlPath(), "target", "--port", "0"})),
      port_(PortFrom(*process_, "http://127.0.0.1:")) {}

std::string TargetProcess::url() const {
  return absl::StrCat("http://", Loopback(port_));
}

int64_t TargetProcess::Requests() const {
  const auto answer = HttpGet(port_, "/stats");
  if (!answer.ok()) throw std::runtime_error(answer.status().ToString());
  return json::parse(answer->body).at("requests");
}

MasterProcess::MasterProcess(const std::string& data, int port,
                             const std::vector<std::string>& flags)
    : process_(Start(
          {LoadmasterPath(), "--listen", Loopback(port), "--http", Loopback(0), "--data", data},
          flags)),
      port_(PortFrom(*process_, "loadctl on port ")),
      http_port_(PortFrom(*process_, "metrics on port ")) {}

std::string MasterProcess::address() const {
  return Loopback(port_);
}

AgentProcess::AgentProcess(const std::string& name, const std::string& master,
                           const std::vector<std::string>& flags, std::vector<std::string> before)
    : name_(name),
      process_(Start(Joined(std::move(before), {LoadagentPath(), "--master", master, "--name", name,
                                                "--http", Loopback(0), "--workers", "1"}),
                     flags)),
      http_port_(PortFrom(*process_, "metrics on port ")) {}

Cluster::Cluster(int agents) : Cluster(agents, "") {}

Cluster::Cluster(int agents, const std::string& certificates)
    : certificates_(certificates), master_(directory_.path() / "data", 0, TlsFlags("master")) {
  for (int i = 1; i <= agents; ++i) {
    const std::string name = absl::StrCat("a", i);
    agents_.push_back(std::make_unique<AgentProcess>(name, master_.address(),
                                                     TlsFlags(absl::StrCat("agents/", name))));
  }
  if (!Eventually([this] { return AgentsReady() == agents_.size(); }, kPatience)) {
    throw std::runtime_error("the agents did not register: " + Loadctl({"agents"}).out);
  }
}

std::vector<std::string> Cluster::TlsFlags(const std::string& folder) const {
  if (certificates_.empty()) return {};
  return {"--tls", absl::StrCat(certificates_, "/", folder)};
}

size_t Cluster::AgentsReady() const {
  return ReadyOf(Loadctl({"agents", "--json"}).out);
}

Command Cluster::LoadctlCommand(std::vector<std::string> words) const {
  const std::vector<std::string> tls = TlsFlags("operator");
  words.insert(words.begin(), tls.begin(), tls.end());
  words.insert(words.begin(), {LoadctlPath(), "--master", master_.address()});
  return {std::move(words), {{"TARGET", target_.url()}}};
}

Completed Cluster::Loadctl(std::vector<std::string> words) const {
  return RunToEnd(LoadctlCommand(std::move(words)), kPatience);
}

std::unique_ptr<Process> Cluster::StartLoadctl(std::vector<std::string> words) const {
  return std::make_unique<Process>(LoadctlCommand(std::move(words)));
}

std::string Plan(const std::string& load) {
  const bool has_path = load.find("get:") != load.npos;
  return absl::StrCat("target: ${TARGET}\n", has_path ? "" : "get: /ping\n", load,
                      "validity: {max_lateness_p99: 1m, max_worker_cpu: 100%}\n");
}

}  // namespace loadfleet
