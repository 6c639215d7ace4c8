// A master, agents a1, a2, ... each behind a proxy of its own, and a target that writes down the
// truth: all that a fault test breaks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/time/time.h"
#include "common/limits.h"
#include "tests/fault/invariants.h"
#include "tests/integration/cluster.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/truth_server.h"

namespace loadfleet {

// How long an agent goes on without a word from its master.
inline const absl::Duration kLease = absl::Nanoseconds(limits::kLease);

class FaultCluster {
 public:
  struct Options {
    int agents = 3;
    std::string data = "";  // the master's; empty: a directory of the cluster's own
    // What starts each agent, such as prlimit and its arguments.
    std::vector<std::string> before_agents = {};
  };

  FaultCluster() : FaultCluster(Options()) {}
  // Returns when all agents are ready. Throws when they do not get so.
  explicit FaultCluster(Options options);
  // Expects that master and agents end in order, but for those that a test has ended.
  ~FaultCluster();

  TruthServer& truth() { return truth_; }
  MasterProcess& master() { return *master_; }
  std::string master_address() const;
  // A new process on the same port and data directory.
  void RestartMaster();

  size_t agents() const { return agents_.size(); }
  AgentProcess& agent(size_t index) { return *agents_.at(index); }
  FaultProxy& link(size_t index) { return *links_.at(index); }
  // A new process of the same name.
  void RestartAgent(size_t index);
  // As `loadctl agents` has it: "up", "suspect", "lost"; empty when the master does not answer.
  std::string HealthOf(size_t index) const;
  void AwaitHealth(size_t index, const std::string& health) const;

  Completed Loadctl(std::vector<std::string> words) const;
  std::unique_ptr<Process> StartLoadctl(std::vector<std::string> words) const;

  // Submits the plan and returns when its first request has reached the target. Throws when none
  // does.
  void Start(const PlannedLoad& load);
  // `loadctl submit` of the run that was started last.
  Process& submit() { return *submit_; }
  // Returns when so many requests have reached the target; throws when they do not.
  void AwaitRequests(size_t count);
  // Waits for the end of the run and holds the invariants against it. The summary; an empty object
  // when there is none.
  nlohmann::json Finish(const Damage& damage = {});

  std::string Path(const std::string& name) const { return directory_.path() / name; }
  std::string Write(const std::string& name, const std::string& text) const {
    return directory_.Write(name, text);
  }

 private:
  Command LoadctlCommand(std::vector<std::string> words) const;

  TemporaryDirectory directory_;
  const Options options_;
  const std::string data_;
  const int master_port_;
  TruthServer truth_;
  std::unique_ptr<MasterProcess> master_;
  std::vector<std::unique_ptr<FaultProxy>> links_;
  std::vector<std::unique_ptr<AgentProcess>> agents_;
  PlannedLoad load_;
  std::unique_ptr<Process> submit_;
};

}  // namespace loadfleet
