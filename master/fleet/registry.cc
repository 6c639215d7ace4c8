#include "master/fleet/registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/protocol.h"
#include "common/stats/histogram.h"

namespace loadfleet {
namespace {

constexpr Nanos kLostAfter = limits::kLease + limits::kLostAfterLease;
constexpr Nanos kJudgeEvery = 250 * kMillisecond;
constexpr Nanos kForgetAfter = 600 * kSecond;  // long enough to be seen in `loadctl agents`
// The master was asleep, not the agents, when it judges this late.
constexpr Nanos kOwnStall = kSecond;

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= limits::kAgentNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

absl::Status CheckTerms(const v1::Register& registration) {
  if (!IsName(registration.agent_id())) {
    return absl::InvalidArgumentError(absl::StrCat("an agent's name is 1 to ",
                                                   limits::kAgentNameBytes,
                                                   " printable ASCII characters without spaces"));
  }
  const v1::ProtocolVersion& protocol = registration.protocol();
  if (protocol.major() != kProtocolMajor) {
    return absl::FailedPreconditionError(
        absl::StrCat("the agent (version ", registration.version(), ") speaks protocol ",
                     protocol.major(), ".", protocol.minor(), ", this master (version ", kVersion,
                     ") ", kProtocolMajor, ".", kProtocolMinor));
  }
  if (registration.histogram_layout() != kHistogramLayout) {
    return absl::FailedPreconditionError(
        absl::StrCat("the agent's histograms are laid out as '", registration.histogram_layout(),
                     "', this master's as '", kHistogramLayout, "'"));
  }
  return absl::OkStatus();
}

bool LocksItsName(const v1::Register& registration) {
  const auto& features = registration.features();
  return !registration.boot_id().empty() &&
         std::find(features.begin(), features.end(), kNameLockFeature) != features.end();
}

// Both held the lock on their name, on one machine since it was booted: the one has ended before
// the other began.
bool ProvesEndOf(const v1::Register& old, const v1::Register& next) {
  return LocksItsName(old) && LocksItsName(next) && old.boot_id() == next.boot_id() &&
         old.incarnation() < next.incarnation();
}

}  // namespace

absl::Status Registry::Register(v1::Register registration, std::string peer,
                                std::shared_ptr<ControlStream> control) {
  if (absl::Status terms = CheckTerms(registration); !terms.ok()) return terms;
  auto known = agents_.find(registration.agent_id());
  if (known == agents_.end()) {
    if (agents_.size() >= limits::kAgents) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the fleet is full: ", limits::kAgents, " agents"));
    }
    known = agents_.emplace(registration.agent_id(), AgentRecord()).first;
  } else if (AgentRecord& old = known->second; old.incarnation() != registration.incarnation()) {
    // An idle process whose link is gone endangers nothing; one that has load may still send it,
    // until its lease has ended.
    const bool may_live =
        old.health != v1::AGENT_HEALTH_LOST && (old.control != nullptr || !old.run_id.empty());
    if (may_live && !ProvesEndOf(old.registration, registration)) {
      return absl::AlreadyExistsError(absl::StrCat("another agent named '", old.id(), "' (from ",
                                                   old.peer, ") holds this name"));
    }
    if (old.control != nullptr) old.control->End();
    old = AgentRecord();
  }
  AgentRecord& agent = known->second;
  if (agent.control != nullptr) agent.control->End();
  agent.reported_run = registration.run_id();
  agent.reported_epoch = registration.epoch();
  agent.registration = std::move(registration);
  agent.peer = std::move(peer);
  agent.control = std::move(control);
  agent.windows = nullptr;
  agent.health = v1::AGENT_HEALTH_UP;
  agent.heard_at = clock_.NowWithSuspend();
  agent.offset_bound = 0;  // the agent measures anew on every connection
  return absl::OkStatus();
}

void Registry::Heartbeat(const ControlStream* stream, const v1::Heartbeat& heartbeat,
                         Nanos heard_at) {
  AgentRecord* agent = FindByStream(stream);
  if (agent == nullptr || agent->health == v1::AGENT_HEALTH_LOST) return;
  agent->heard_at = std::max(agent->heard_at, heard_at);
  agent->health = v1::AGENT_HEALTH_UP;
  agent->state = heartbeat.state();
  agent->reported_run = heartbeat.run_id();
  agent->reported_epoch = heartbeat.epoch();
  agent->offset_bound = heartbeat.offset_bound_ns();
}

void Registry::Disconnected(const ControlStream* stream) {
  AgentRecord* agent = FindByStream(stream);
  if (agent == nullptr) return;
  agent->control = nullptr;
  agent->windows = nullptr;
}

AgentRecord* Registry::Goodbye(const ControlStream* stream, bool delivers) {
  AgentRecord* agent = FindByStream(stream);
  if (agent == nullptr) return nullptr;
  agent->health = v1::AGENT_HEALTH_LOST;
  if (delivers) return agent;
  agent->control->End();
  agent->control = nullptr;
  agent->windows = nullptr;
  return agent;
}

std::vector<std::string> Registry::Judge() {
  const Nanos now = clock_.NowWithSuspend();
  const Nanos asleep = judged_at_ == 0 ? 0 : now - judged_at_ - kJudgeEvery;
  judged_at_ = now;
  std::vector<std::string> lost;
  for (auto it = agents_.begin(); it != agents_.end();) {
    AgentRecord& agent = it->second;
    if (asleep > kOwnStall) agent.heard_at = std::min(now, agent.heard_at + asleep);
    const Nanos silence = now - agent.heard_at;
    if (agent.health == v1::AGENT_HEALTH_LOST) {
      const bool forget = silence > kForgetAfter && agent.run_id.empty();
      it = forget ? agents_.erase(it) : std::next(it);
      continue;
    }
    if (silence > kLostAfter) {
      agent.health = v1::AGENT_HEALTH_LOST;
      // A link that heals must register again: what the agent holds may be another's by then.
      if (agent.control != nullptr) agent.control->End();
      agent.control = nullptr;
      agent.windows = nullptr;
      lost.push_back(agent.id());
    } else if (silence > limits::kSuspectAfter) {
      agent.health = v1::AGENT_HEALTH_SUSPECT;
    }
    ++it;
  }
  return lost;
}

Nanos Registry::NextJudgement() const {
  return judged_at_ + kJudgeEvery;
}

AgentRecord* Registry::Find(const std::string& agent_id) {
  const auto found = agents_.find(agent_id);
  return found == agents_.end() ? nullptr : &found->second;
}

const AgentRecord* Registry::Find(const std::string& agent_id) const {
  const auto found = agents_.find(agent_id);
  return found == agents_.end() ? nullptr : &found->second;
}

const AgentRecord* Registry::Living(const std::string& agent_id, uint64_t incarnation) const {
  const AgentRecord* agent = Find(agent_id);
  if (agent == nullptr || agent->health == v1::AGENT_HEALTH_LOST) return nullptr;
  return agent->incarnation() == incarnation ? agent : nullptr;
}

AgentRecord* Registry::FindByStream(const ControlStream* stream) {
  for (auto& [id, agent] : agents_) {
    if (agent.control.get() == stream) return &agent;
  }
  return nullptr;
}

AgentRecord* Registry::FindByStream(const WindowStream* stream) {
  for (auto& [id, agent] : agents_) {
    if (agent.windows.get() == stream) return &agent;
  }
  return nullptr;
}

void Registry::Send(const std::string& agent_id, v1::MasterMessage message) {
  AgentRecord* agent = Find(agent_id);
  if (agent != nullptr && agent->control != nullptr) agent->control->Send(std::move(message));
}

v1::AgentEntry Registry::Entry(const AgentRecord& agent) const {
  v1::AgentEntry entry;
  entry.set_agent_id(agent.id());
  entry.set_incarnation(agent.incarnation());
  entry.set_health(agent.health);
  entry.set_state(agent.state);
  entry.set_run_id(agent.reported_run);
  *entry.mutable_labels() = agent.registration.labels();
  *entry.mutable_capacity() = agent.registration.capacity();
  entry.set_offset_bound_ns(agent.offset_bound);
  entry.set_heartbeat_age_ns(clock_.NowWithSuspend() - agent.heard_at);
  entry.set_version(agent.registration.version());
  entry.set_peer(agent.peer);
  return entry;
}

}  // namespace loadfleet
