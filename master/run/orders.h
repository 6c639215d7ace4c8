// What a run tells its agents.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "common/clock.h"
#include "loadfleet/v1/fleet.pb.h"
#include "loadfleet/v1/plan.pb.h"
#include "master/fleet/registry.h"
#include "master/partition/partition.h"

namespace loadfleet {

// An order to an agent that is lost, or whose link is down, is dropped: whoever comes back is told
// again. The control thread's.
class Orders {
 public:
  Orders(Registry& registry, std::string run_id)
      : registry_(registry), run_id_(std::move(run_id)) {}

  void Prepare(const Participant& who, const v1::Assignment& assignment, const v1::Plan& plan);
  // `epoch`: of the assignment that it has prepared. `t0`: Clock::Now's scale.
  void Start(const Participant& who, uint64_t epoch, Nanos t0);
  void Adjust(const Participant& who, const v1::Assignment& assignment);
  void Stop(const Participant& who, const std::string& reason, Nanos grace);

  // Null when it is lost.
  const AgentRecord* Living(const Participant& who) const;

 private:
  void Send(const Participant& who, v1::MasterMessage message);

  Registry& registry_;
  const std::string run_id_;
};

}  // namespace loadfleet
