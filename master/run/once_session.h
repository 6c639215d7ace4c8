// `loadctl run --once`: every flow of a plan done once, one after the other, by one agent.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/clock.h"
#include "common/secrets.h"
#include "loadfleet/v1/fleet.pb.h"
#include "loadfleet/v1/plan.pb.h"
#include "master/fleet/registry.h"
#include "master/partition/partition.h"
#include "master/run/once_order.h"

namespace loadfleet {

// Setup comes first, and nothing else when it fails; then the flows in the plan's order, whatever
// becomes of each; teardown comes last. The control thread's.
class OnceSession {
 public:
  struct Listener {
    // A flow is done: what may be shown of it.
    std::function<void(const v1::OnceDone&)> done;
    // All are. UNAVAILABLE: the agent was lost, or has not answered.
    std::function<void(const absl::Status&)> ended;
  };

  OnceSession(std::string id, v1::Plan plan, Secrets secrets, Participant agent, Registry& registry,
              const Clock& clock, Listener listener);

  void Begin() { Next(); }
  void OnOnceDone(const AgentRecord& agent, const v1::OnceDone& done);
  void OnAgentLost(const std::string& agent_id, uint64_t incarnation, const std::string& why);
  void GiveUp(const std::string& why);

  Nanos NextWake() const;
  void OnTime();

  bool ended() const { return ended_; }
  const std::string& id() const { return id_; }
  const v1::Plan& plan() const { return plan_; }

 private:
  void Next();
  void End(const absl::Status& status);

  const std::string id_;
  v1::Plan plan_;
  const Secrets secrets_;
  const Participant agent_;
  Registry& registry_;
  const Clock& clock_;
  const Listener listener_;
  std::vector<uint32_t> flows_;  // indices, in order
  size_t next_ = 0;              // of flows_
  std::optional<OnceOrder> order_;
  bool ended_ = false;
};

}  // namespace loadfleet
