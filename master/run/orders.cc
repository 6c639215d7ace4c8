#include "master/run/orders.h"

namespace loadfleet {

const AgentRecord* Orders::Living(const Participant& who) const {
  return registry_.Living(who.agent_id, who.incarnation);
}

void Orders::Send(const Participant& who, v1::MasterMessage message) {
  if (Living(who) != nullptr) registry_.Send(who.agent_id, std::move(message));
}

void Orders::Prepare(const Participant& who, const v1::Assignment& assignment,
                     const v1::Plan& plan) {
  v1::MasterMessage message;
  *message.mutable_prepare()->mutable_assignment() = assignment;
  *message.mutable_prepare()->mutable_plan() = plan;
  Send(who, std::move(message));
}

void Orders::Start(const Participant& who, uint64_t epoch, Nanos t0) {
  v1::MasterMessage message;
  message.mutable_start()->set_run_id(run_id_);
  message.mutable_start()->set_epoch(epoch);
  message.mutable_start()->set_t0_master_ns(t0);
  Send(who, std::move(message));
}

void Orders::Adjust(const Participant& who, const v1::Assignment& assignment) {
  v1::MasterMessage message;
  *message.mutable_adjust()->mutable_assignment() = assignment;
  Send(who, std::move(message));
}

void Orders::Stop(const Participant& who, const std::string& reason, Nanos grace) {
  v1::MasterMessage message;
  message.mutable_stop()->set_run_id(run_id_);
  message.mutable_stop()->set_reason(reason);
  message.mutable_stop()->set_grace_ns(grace);
  Send(who, std::move(message));
}

}  // namespace loadfleet
