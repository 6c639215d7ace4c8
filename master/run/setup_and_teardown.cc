// What a run does once: setup before its agents prepare, teardown when all that was measured is in.
#include <algorithm>

#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/units.h"
#include "master/run/run.h"

namespace loadfleet {

// Who may do it: those that are surely free of the load first.
std::vector<Participant> Run::Doers() const {
  std::vector<Participant> doers;
  for (const bool delivered : {true, false}) {
    for (const auto& [key, part] : parts_) {
      if (part.delivered == delivered && !part.quarantined) {
        doers.push_back(part.who());
      }
    }
  }
  return doers;
}

void Run::OnOnceDone(const AgentRecord& agent, const v1::OnceDone& done) {
  if (!once_ || !once_->IsAnsweredBy(agent, done)) return;
  if (state_ == v1::RUN_STATE_PREPARING) {
    EndSetup(done);
  } else {
    EndTeardown(done.ok() ? "" : absl::StrCat("failed: ", secrets_.Hide(done.reason())));
  }
}

// --- setup ---

void Run::BeginSetup() {
  once_.emplace(with_.registry, with_.clock, run_id_, plan_.setup().flow(), false);
  if (!once_->Give(Doers(), agents_plan_)) {
    return StopLoad("setup: no agent is there to do it", true);
  }
  deadline_ = once_->deadline();
  spdlog::info("run {}: setup by {}", run_id_, once_->agent_id());
}

void Run::EndSetup(const v1::OnceDone& done) {
  if (!done.ok()) {
    return StopLoad(absl::StrCat("setup failed: ", secrets_.Hide(done.reason())), true);
  }
  once_.reset();
  setup_done_ = true;
  *agents_plan_.mutable_setup_values() = done.captures();
  PrepareAll();
}

// --- teardown ---

// However the run has ended, if it has begun to do anything to its target: where setup has failed
// there is nothing to clean up. False: it is over, or there is none.
bool Run::TeardownGoesOn() {
  const bool needed = plan_.has_teardown() && (setup_done_ || start_committed_);
  if (!needed || teardown_over_) return false;
  if (once_) return true;
  once_.emplace(with_.registry, with_.clock, run_id_, plan_.teardown().flow(), false);
  GiveTeardown();
  return !teardown_over_;
}

void Run::GiveTeardown() {
  if (once_->Give(Doers(), agents_plan_)) {
    deadline_ = once_->deadline();
    spdlog::info("run {}: teardown by {}", run_id_, once_->agent_id());
    return;
  }
  teardown_over_ = true;
  once_.reset();
  notes_.push_back("teardown was not done: no agent was left to do it");
}

// Its failure is a note: what the run has measured stands.
void Run::EndTeardown(const std::string& failure) {
  teardown_over_ = true;
  once_.reset();
  if (!failure.empty()) {
    spdlog::warn("run {}: teardown {}", run_id_, failure);
    notes_.push_back(absl::StrCat("teardown ", failure));
  }
  FinishWhenComplete();
}

bool Run::IsInTeardown(const std::string& agent_id, uint64_t incarnation) const {
  return once_ && once_->IsWith(agent_id, incarnation) && state_ >= v1::RUN_STATE_FINISHING;
}

void Run::OnOnceAgentLost(const std::string& why) {
  notes_.push_back(absl::StrCat("agent ", once_->agent_id(), " was lost in teardown: ", why));
  GiveTeardown();
  if (teardown_over_) FinishWhenComplete();
}

void Run::OnOnceTime() {
  const std::string late = absl::StrCat("was not done within ", FormatDuration(limits::kOnceTime),
                                        " by agent ", once_->agent_id());
  if (state_ == v1::RUN_STATE_PREPARING) {
    StopLoad(absl::StrCat("setup ", late), true);
  } else {
    EndTeardown(late);
  }
}

}  // namespace loadfleet
