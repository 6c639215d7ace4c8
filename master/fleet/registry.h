// The agents that the master knows: who they are, when they were last heard, whether they live.
// Owned by the control thread. Sends through their streams; reads no clock but the one it is given.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/clock.h"
#include "loadfleet/v1/api.pb.h"
#include "loadfleet/v1/fleet.pb.h"
#include "master/fleet/agent_streams.h"

namespace loadfleet {

struct AgentRecord {
  v1::Register registration;
  std::string peer;                        // address, for people
  std::shared_ptr<ControlStream> control;  // null while its link is down
  std::shared_ptr<WindowStream> windows;   // likewise
  v1::AgentHealth health = v1::AGENT_HEALTH_UP;
  Nanos heard_at = 0;                           // NowWithSuspend
  v1::AgentState state = v1::AGENT_STATE_IDLE;  // as it last said
  std::string reported_run;                     // as it last said
  uint64_t reported_epoch = 0;                  // likewise: the newest that it has taken up
  Nanos offset_bound = 0;                       // of its clock measurement; 0: none yet
  std::string run_id;                           // that the master gave it; empty: free

  const std::string& id() const { return registration.agent_id(); }
  uint64_t incarnation() const { return registration.incarnation(); }
};

// A feature in Register: the process holds a lock on its name, of which there is one on its
// machine.
inline constexpr char kNameLockFeature[] = "name-lock";

class Registry {
 public:
  explicit Registry(const Clock& clock) : clock_(clock) {}

  // The same incarnation may come back on a new stream; it replaces the old one.
  // FAILED_PRECONDITION: another protocol major or histogram layout. INVALID_ARGUMENT: a malformed
  // name. ALREADY_EXISTS: an agent of another incarnation holds the name that may live.
  // RESOURCE_EXHAUSTED: too many agents.
  absl::Status Register(v1::Register registration, std::string peer,
                        std::shared_ptr<ControlStream> control);

  // From here on everything that concerns a stream that is not the agent's newest is ignored.
  void Heartbeat(const ControlStream* stream, const v1::Heartbeat& heartbeat, Nanos heard_at);
  // The agent's id, if the stream was its newest: the link is down, the agent may still live.
  void Disconnected(const ControlStream* stream);
  // It leaves for good: LOST at once. Its streams are ended, unless it has yet to deliver
  // something. The record, or null for an unknown stream.
  AgentRecord* Goodbye(const ControlStream* stream, bool delivers = false);

  // Judges every agent by how long it has been silent, and forgets those that were lost long ago.
  // The newly lost. Silence of the master itself (it was suspended) is not held against them.
  std::vector<std::string> Judge();
  Nanos NextJudgement() const;  // on NowWithSuspend's scale

  AgentRecord* Find(const std::string& agent_id);
  const AgentRecord* Find(const std::string& agent_id) const;
  // The agent, if it is of this incarnation and not lost; else null.
  const AgentRecord* Living(const std::string& agent_id, uint64_t incarnation) const;
  AgentRecord* FindByStream(const ControlStream* stream);
  AgentRecord* FindByStream(const WindowStream* stream);
  const std::map<std::string, AgentRecord>& agents() const { return agents_; }

  // Dropped when the agent's link is down: it hears of it when it registers again.
  void Send(const std::string& agent_id, v1::MasterMessage message);

  v1::AgentEntry Entry(const AgentRecord& agent) const;

 private:
  const Clock& clock_;
  std::map<std::string, AgentRecord> agents_;
  Nanos judged_at_ = 0;
};

}  // namespace loadfleet
