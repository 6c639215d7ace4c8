#include "agent/agent.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "agent/engine/engine.h"
#include "agent/link/link.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

uint32_t UsableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return static_cast<uint32_t>(std::max(1, CPU_COUNT(&set)));
}

std::string BootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace

Agent::Agent() = default;
Agent::~Agent() = default;

absl::StatusOr<std::unique_ptr<Agent>> Agent::Start(const AgentOptions& options,
                                                    MasterChannelFactory channels,
                                                    const Clock& clock) {
  auto agent = std::unique_ptr<Agent>(new Agent());
  const uint32_t workers = options.workers == 0 ? UsableCores() : options.workers;
  auto engine = Engine::Create(clock, workers);
  if (!engine.ok()) return engine.status();
  agent->engine_ = *std::move(engine);

  LinkOptions link;
  link.agent_id = options.name;
  link.incarnation = static_cast<uint64_t>(clock.WallMillis());
  link.boot_id = BootId();
  link.labels = options.labels;
  link.weight = options.weight == 0 ? workers : options.weight;
  link.scope = options.any_target ? TargetScope::kAny : TargetScope::kPrivate;
  agent->link_ =
      std::make_unique<Link>(std::move(link), *agent->engine_, std::move(channels), clock);
  return agent;
}

int Agent::http_port() const {
  return 0;
}

void Agent::Drain(Nanos grace) {
  link_->Drain(grace);
}

}  // namespace loadfleet
