// A flow that one agent does once, as the master sees it: whom it was given to, and until when.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "common/clock.h"
#include "loadfleet/v1/fleet.pb.h"
#include "loadfleet/v1/plan.pb.h"
#include "master/fleet/registry.h"
#include "master/partition/partition.h"

namespace loadfleet {

// The control thread's.
class OnceOrder {
 public:
  // `keep_exchanges`: see v1::RunOnce.
  OnceOrder(Registry& registry, const Clock& clock, std::string run_id, uint32_t flow,
            bool keep_exchanges);

  // To the first of `agents` whose link is up and that has not had it yet: who has been lost with
  // it does not get it again. False: there is none.
  bool Give(const std::vector<Participant>& agents, const v1::Plan& plan);

  // Who has it now.
  const std::string& agent_id() const { return agent_id_; }
  bool IsWith(const std::string& agent_id, uint64_t incarnation) const {
    return agent_id_ == agent_id && incarnation_ == incarnation;
  }
  bool IsAnsweredBy(const AgentRecord& agent, const v1::OnceDone& done) const {
    return IsWith(agent.id(), agent.incarnation()) && done.flow() == flow_;
  }
  // When nothing is to be expected any more: the agent ends it itself, well before.
  Nanos deadline() const { return deadline_; }

 private:
  Registry& registry_;
  const Clock& clock_;
  const std::string run_id_;
  const uint32_t flow_;
  const bool keep_exchanges_;
  std::string agent_id_;
  uint64_t incarnation_ = 0;
  std::set<std::string> had_it_;
  Nanos deadline_ = 0;
};

}  // namespace loadfleet
