#include "tests/integration/cluster.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/ports.h"

namespace loadfleet {
namespace {

std::string Loopback(int port) {
  return absl::StrCat("127.0.0.1:", port);
}

// Until `path` is answered with 200. Throws, so that no test goes on without its cluster.
void AwaitAnswer(const std::string& who, Process& process, int port, const std::string& path) {
  const bool answered = Eventually(
      [&] {
        if (process.Wait(absl::ZeroDuration())) return true;
        const auto answer = HttpGet(port, path);
        return answer.ok() && answer->status == 200;
      },
      kPatience);
  if (!answered || process.Wait(absl::ZeroDuration())) {
    throw std::runtime_error(absl::StrCat(who, " does not serve: ", process.err()));
  }
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

TargetProcess::TargetProcess()
    : port_(UnusedPort()),
      process_(std::make_unique<Process>(
          Command{{LoadctlPath(), "target", "--port", absl::StrCat(port_)}, {}})) {
  AwaitAnswer("the target", *process_, port_, "/stats");
}

std::string TargetProcess::url() const {
  return absl::StrCat("http://", Loopback(port_));
}

int64_t TargetProcess::Requests() const {
  const auto answer = HttpGet(port_, "/stats");
  if (!answer.ok()) throw std::runtime_error(answer.status().ToString());
  return nlohmann::json::parse(answer->body).at("requests");
}

MasterProcess::MasterProcess(const std::string& data, int port)
    : port_(port),
      http_port_(UnusedPort()),
      process_(std::make_unique<Process>(Command{{LoadmasterPath(), "--listen", Loopback(port_),
                                                  "--http", Loopback(http_port_), "--data", data},
                                                 {}})) {
  AwaitAnswer("the master", *process_, http_port_, "/healthz");
}

std::string MasterProcess::address() const {
  return Loopback(port_);
}

AgentProcess::AgentProcess(const std::string& name, const std::string& master)
    : name_(name),
      http_port_(UnusedPort()),
      process_(
          std::make_unique<Process>(Command{{LoadagentPath(), "--master", master, "--name", name,
                                             "--http", Loopback(http_port_), "--workers", "1"},
                                            {}})) {}

Cluster::Cluster(int agents) : master_(directory_.path() / "data", UnusedPort()) {
  for (int i = 1; i <= agents; ++i) {
    agents_.push_back(std::make_unique<AgentProcess>(absl::StrCat("a", i), master_.address()));
  }
  const bool registered = Eventually(
      [&] {
        const Completed list = Loadctl({"agents"});
        for (const auto& agent : agents_) {
          if (list.out.find(agent->name()) == list.out.npos) return false;
        }
        return list.exit_code == 0;
      },
      kPatience);
  if (!registered) throw std::runtime_error("the agents did not register");
}

Command Cluster::LoadctlCommand(std::vector<std::string> words) const {
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
