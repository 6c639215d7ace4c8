#include "master/run/once_order.h"

#include <utility>

#include "common/limits.h"

namespace loadfleet {

OnceOrder::OnceOrder(Registry& registry, const Clock& clock, std::string run_id, uint32_t flow,
                     bool keep_exchanges)
    : registry_(registry),
      clock_(clock),
      run_id_(std::move(run_id)),
      flow_(flow),
      keep_exchanges_(keep_exchanges) {}

bool OnceOrder::Give(const std::vector<Participant>& agents, const v1::Plan& plan) {
  for (const Participant& participant : agents) {
    const AgentRecord* agent = registry_.Living(participant.agent_id, participant.incarnation);
    if (agent == nullptr || agent->control == nullptr ||
        !had_it_.insert(participant.agent_id).second) {
      continue;
    }
    agent_id_ = participant.agent_id;
    incarnation_ = participant.incarnation;
    deadline_ = clock_.Now() + limits::kOnceTime + limits::kDeliveryTime;
    v1::MasterMessage message;
    v1::RunOnce& once = *message.mutable_once();
    once.set_run_id(run_id_);
    *once.mutable_plan() = plan;
    once.set_flow(flow_);
    once.set_timeout_ns(limits::kOnceTime);
    once.set_keep_exchanges(keep_exchanges_);
    registry_.Send(agent_id_, std::move(message));
    return true;
  }
  return false;
}

}  // namespace loadfleet
