#include "tests/fault/fault_cluster.h"

#include <signal.h>

#include <filesystem>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/summary.h"
#include "tests/support/eventually.h"
#include "tests/support/ports.h"

namespace loadfleet {
namespace {

using nlohmann::json;

// Sanitizers and abort() end a program with these.
void ExpectNoCrash(Process& process, const std::string& who) {
  process.Signal(SIGCONT);
  process.Signal(SIGTERM);
  const std::optional<int> exit_code = process.Wait(kPatience);
  ASSERT_TRUE(exit_code.has_value()) << who << " does not end:\n" << process.err();
  EXPECT_TRUE(*exit_code == 0 || *exit_code == 128 + SIGKILL)
      << who << " ended with " << *exit_code << ":\n"
      << process.err();
}

}  // namespace

FaultCluster::FaultCluster(Options options)
    : options_(std::move(options)),
      data_(options_.data.empty() ? Path("data") : options_.data),
      master_port_(UnusedPort()),
      master_(std::make_unique<MasterProcess>(data_, master_port_)) {
  for (int i = 1; i <= options_.agents; ++i) {
    links_.push_back(std::make_unique<FaultProxy>(master_port_));
    agents_.push_back(std::make_unique<AgentProcess>(absl::StrCat("a", i), links_.back()->address(),
                                                     std::vector<std::string>(),
                                                     options_.before_agents));
  }
  const auto ready = [this] { return AgentsReady(master_address()) == agents_.size(); };
  if (!Eventually(ready, kPatience)) {
    throw std::runtime_error("the agents did not register: " + Loadctl({"agents"}).out);
  }
}

FaultCluster::~FaultCluster() {
  for (const auto& link : links_) link->Resume();
  for (const auto& agent : agents_) ExpectNoCrash(agent->process(), agent->name());
  ExpectNoCrash(master_->process(), "the master");
}

std::string FaultCluster::master_address() const {
  return absl::StrCat("127.0.0.1:", master_port_);
}

void FaultCluster::RestartMaster() {
  master_.reset();  // ends it first, if it still runs
  master_ = std::make_unique<MasterProcess>(data_, master_port_);
}

void FaultCluster::RestartAgent(size_t index) {
  const std::string name = agent(index).name();
  agents_[index].reset();
  agents_[index] = std::make_unique<AgentProcess>(
      name, link(index).address(), std::vector<std::string>(), options_.before_agents);
}

std::string FaultCluster::HealthOf(size_t index) const {
  const json list = json::parse(Loadctl({"agents", "--json"}).out, nullptr, false);
  for (const json& agent : list) {
    if (agent.at("agent") == agents_.at(index)->name()) return agent.at("health");
  }
  return "";
}

void FaultCluster::AwaitHealth(size_t index, const std::string& health) const {
  if (Eventually([&] { return HealthOf(index) == health; }, kPatience)) return;
  throw std::runtime_error(
      absl::StrCat(agents_.at(index)->name(), " is ", HealthOf(index), ", never ", health));
}

Command FaultCluster::LoadctlCommand(std::vector<std::string> words) const {
  words.insert(words.begin(), {LoadctlPath(), "--master", master_address()});
  return {std::move(words), {{"TARGET", truth_.url()}}};
}

Completed FaultCluster::Loadctl(std::vector<std::string> words) const {
  return RunToEnd(LoadctlCommand(std::move(words)), kPatience);
}

std::unique_ptr<Process> FaultCluster::StartLoadctl(std::vector<std::string> words) const {
  return std::make_unique<Process>(LoadctlCommand(std::move(words)));
}

void FaultCluster::Start(const PlannedLoad& load) {
  load_ = load;
  truth_.Clear();
  std::filesystem::remove(Path("report.json"));
  const std::string plan = Write("plan.yaml", PlanOf(load));
  submit_ = StartLoadctl({"submit", plan, "--quiet", "--out", Path("report.json")});
  AwaitRequests(1);
}

void FaultCluster::AwaitRequests(size_t count) {
  if (Eventually([&] { return truth_.Count() >= count; }, kPatience)) return;
  throw std::runtime_error(absl::StrCat("only ", truth_.Count(), " of ", count, " requests came:\n",
                                        submit_->out(), submit_->err()));
}

json FaultCluster::Finish(const Damage& damage) {
  const absl::Duration limit = load_.duration + kPatience;
  EXPECT_TRUE(submit_->Wait(limit).has_value()) << submit_->err();
  const json summary = ReadSummary(Path("report.json"));
  ExpectInvariants(summary, truth_.Log(), load_, damage);
  return summary;
}

}  // namespace loadfleet
