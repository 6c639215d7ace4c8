// The programs as people start them: real processes on free ports of the loopback interface.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace loadfleet {

// Longer than anything here takes on a machine that is busy with other tests; nothing waits for it
// to pass.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

std::string LoadmasterPath();
std::string LoadagentPath();
std::string LoadctlPath();

// `loadctl WORDS...` to its end, with `environment` added.
Completed Loadctl(std::vector<std::string> words,
                  std::map<std::string, std::string> environment = {});

// Of the agents that the master at `address` knows: how many could take part in a run now.
size_t AgentsReady(const std::string& address);

// `loadctl target` on a port of its own.
class TargetProcess {
 public:
  TargetProcess();

  int port() const { return port_; }
  std::string url() const;

  // Requests that it has answered, by its own count; those to /stats are in none.
  int64_t Requests() const;

 private:
  std::unique_ptr<Process> process_;
  int port_;
};

class MasterProcess {
 public:
  // `data`: where its store lives. Port 0: any free one.
  explicit MasterProcess(const std::string& data, int port = 0,
                         const std::vector<std::string>& flags = {});

  std::string address() const;  // for --master
  int http_port() const { return http_port_; }
  Process& process() { return *process_; }

 private:
  std::unique_ptr<Process> process_;
  int port_;
  int http_port_;
};

class AgentProcess {
 public:
  // `before`: what starts it, such as prlimit and its arguments; empty: the test itself.
  AgentProcess(const std::string& name, const std::string& master,
               const std::vector<std::string>& flags = {}, std::vector<std::string> before = {});

  const std::string& name() const { return name_; }
  int http_port() const { return http_port_; }
  Process& process() { return *process_; }

 private:
  std::string name_;
  std::unique_ptr<Process> process_;
  int http_port_;
};

// A target, a master and agents a1, a2, ... that are ready for a run.
class Cluster {
 public:
  explicit Cluster(int agents = 3);
  // With TLS: `certificates` has the folders of `loadctl certs init --agents a1,a2,...`. Loadctl is
  // its operator.
  Cluster(int agents, const std::string& certificates);

  TargetProcess& target() { return target_; }
  MasterProcess& master() { return master_; }
  AgentProcess& agent(size_t index) { return *agents_.at(index); }
  size_t agents() const { return agents_.size(); }

  // How many could take part in a run now, as the master says.
  size_t AgentsReady() const;

  // `loadctl WORDS...` aimed at this master, with TARGET in its environment.
  Completed Loadctl(std::vector<std::string> words) const;
  std::unique_ptr<Process> StartLoadctl(std::vector<std::string> words) const;

  // A file of this cluster's own directory with this text; its path.
  std::string Write(const std::string& name, const std::string& text) const {
    return directory_.Write(name, text);
  }
  std::string Path(const std::string& name) const { return directory_.path() / name; }

 private:
  Command LoadctlCommand(std::vector<std::string> words) const;
  std::vector<std::string> TlsFlags(const std::string& folder) const;

  const std::string certificates_;  // empty: without TLS
  TemporaryDirectory directory_;
  TargetProcess target_;
  MasterProcess master_;
  std::vector<std::unique_ptr<AgentProcess>> agents_;
};

// A plan in the short form for ${TARGET}. The generator's own lateness does not judge it: these
// tests may run on a machine that has no time for them.
std::string Plan(const std::string& load);

}  // namespace loadfleet
