#include "master/run/once_session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/plan_shape.h"

namespace loadfleet {

OnceSession::OnceSession(std::string id, v1::Plan plan, Secrets secrets, Participant agent,
                         Registry& registry, const Clock& clock, Listener listener)
    : id_(std::move(id)),
      plan_(std::move(plan)),
      secrets_(std::move(secrets)),
      agent_(std::move(agent)),
      registry_(registry),
      clock_(clock),
      listener_(std::move(listener)),
      flows_(FlowsDoneOnce(plan_)) {}

void OnceSession::Next() {
  order_.reset();
  if (next_ == flows_.size()) return End(absl::OkStatus());
  order_.emplace(registry_, clock_, id_, flows_[next_++], true);
  if (!order_->Give({agent_}, plan_)) {
    End(absl::UnavailableError(absl::StrCat("agent ", agent_.agent_id, " is away")));
  }
}

void OnceSession::OnOnceDone(const AgentRecord& agent, const v1::OnceDone& done) {
  if (!order_ || !order_->IsAnsweredBy(agent, done)) return;
  v1::OnceDone shown = done;
  secrets_.HideIn(&shown);
  listener_.done(shown);
  if (plan_.has_setup() && next_ == 1) {
    if (!done.ok()) return End(absl::OkStatus());
    *plan_.mutable_setup_values() = done.captures();
  }
  Next();
}

void OnceSession::OnAgentLost(const std::string& agent_id, uint64_t incarnation,
                              const std::string& why) {
  if (!order_ || !order_->IsWith(agent_id, incarnation)) return;
  End(absl::UnavailableError(absl::StrCat("agent ", agent_id, " was lost: ", why)));
}

void OnceSession::GiveUp(const std::string& why) {
  End(absl::UnavailableError(why));
}

Nanos OnceSession::NextWake() const {
  return order_ ? order_->deadline() : INT64_MAX;
}

void OnceSession::OnTime() {
  if (clock_.Now() < NextWake()) return;
  End(absl::UnavailableError(absl::StrCat("agent ", agent_.agent_id, " has not answered")));
}

void OnceSession::End(const absl::Status& status) {
  if (ended_) return;
  ended_ = true;
  order_.reset();
  listener_.ended(status);
}

}  // namespace loadfleet
