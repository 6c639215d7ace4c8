#include "agent/agent.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/connection/address.h"
#include "agent/connection/target_rules.h"
#include "agent/engine/engine.h"
#include "agent/link/link.h"
#include "agent/web/agent_web.h"
#include "common/descriptor_limit.h"
#include "common/limits.h"
#include "common/net/listen_address.h"

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

// Whether this machine has them is asked now: later it would be every request's failure.
absl::StatusOr<std::vector<SocketAddress>> SourcesOf(const std::vector<std::string>& texts) {
  std::vector<SocketAddress> sources;
  for (const std::string& text : texts) {
    auto address = ParseIpAddress(text, 0);
    if (!address.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("source address: ", address.status().message()));
    }
    const int fd = socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool bound = fd >= 0 && bind(fd, address->get(), address->length) == 0;
    const int error = errno;
    if (fd >= 0) close(fd);
    if (!bound) {
      return absl::InvalidArgumentError(
          absl::StrCat("source address ", text, ": ", strerror(error)));
    }
    sources.push_back(*address);
  }
  return sources;
}

absl::StatusOr<std::unique_ptr<TargetRules>> RulesOf(const AgentOptions& options, int http_port) {
  TargetRules::Options rules;
  rules.allow = options.allow;
  if (!options.master.empty()) {
    auto master = ParseHostPort(options.master);
    if (!master.ok()) return master.status();
    rules.control_plane.push_back(*std::move(master));
  }
  if (http_port != 0) {
    auto own = ParseListenAddress(options.http_listen);
    if (!own.ok()) return own.status();
    rules.control_plane.push_back({own->host, http_port});
    rules.control_plane.push_back({"localhost", http_port});  // if it listens everywhere
  }
  return TargetRules::Create(rules);
}

}  // namespace

Agent::Agent(const Clock& clock) : clock_(clock) {}
Agent::~Agent() = default;

absl::StatusOr<std::unique_ptr<Agent>> Agent::Start(const AgentOptions& options,
                                                    MasterChannelFactory channels,
                                                    const Clock& clock) {
  auto sources = SourcesOf(options.source_addresses);
  if (!sources.ok()) return sources.status();
  auto agent = std::unique_ptr<Agent>(new Agent(clock));
  const uint32_t workers = options.workers == 0 ? UsableCores() : options.workers;
  auto engine = Engine::Create(clock, workers);
  if (!engine.ok()) return engine.status();
  agent->engine_ = *std::move(engine);

  // Before the link: an agent that cannot start must not register first.
  if (!options.http_listen.empty()) {
    auto web = AgentWeb::Start(options.http_listen, options.insecure_listen,
                               [shown = agent.get()] { return shown->Condition(); });
    if (!web.ok()) return web.status();
    agent->web_ = *std::move(web);
  }

  auto rules = RulesOf(options, agent->http_port());
  if (!rules.ok()) return rules.status();
  LinkOptions link;
  link.agent_id = options.name;
  link.incarnation = static_cast<uint64_t>(clock.WallMillis());
  link.boot_id = BootId();
  link.labels = options.labels;
  link.weight = options.weight == 0 ? workers : options.weight;
  link.descriptors = RaiseDescriptorLimit();
  link.network.scope = options.any_target ? TargetScope::kAny : TargetScope::kPrivate;
  link.network.sources = *std::move(sources);
  link.network.rules = *std::move(rules);
  link.ceiling.requests_per_second = options.max_rate;
  link.ceiling.connections = options.max_connections;
  agent->link_ =
      std::make_unique<Link>(std::move(link), *agent->engine_, std::move(channels), clock);
  agent->shown_link_ = agent->link_.get();
  return agent;
}

int Agent::http_port() const {
  return web_ == nullptr ? 0 : web_->port();
}

AgentCondition Agent::Condition() const {
  AgentCondition condition;
  condition.workers = engine_->workers();
  const Link* link = shown_link_;
  if (link == nullptr) return condition;
  condition.registered = link->registered();
  condition.state = link->state();
  const Nanos now = clock_.NowWithSuspend();
  const Nanos lease_end = engine_->lease_end();
  condition.lease_left = lease_end > now ? lease_end - now : 0;
  condition.unacknowledged_windows = link->unacknowledged_windows();
  const LinkLevels levels = link->levels();
  condition.busiest_worker_cpu = levels.busiest_worker_cpu;
  condition.loop_lag_max = levels.loop_lag_max;
  condition.open_connections = levels.open_connections;
  return condition;
}

void Agent::Drain(Nanos grace) {
  link_->Drain(grace);
}

}  // namespace loadfleet
