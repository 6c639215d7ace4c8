// What the master orders of a run, from its preparation to its stop, and what is done once.
#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "agent/connection/target_rules.h"
#include "agent/link/link.h"

namespace loadfleet {
namespace {

absl::Status Stopped() {
  return absl::CancelledError("the run was stopped");
}

}  // namespace

void Link::OnPrepare(v1::Prepare prepare) {
  const std::string run_id = prepare.assignment().run_id();
  const uint64_t epoch = prepare.assignment().epoch();
  if (!run_id_.empty() || draining_) {
    SendPrepared(
        run_id, epoch,
        absl::FailedPreconditionError(draining_ ? "the agent is draining"
                                                : absl::StrCat("busy with run ", run_id_)));
    return;
  }
  run_id_ = run_id;
  epoch_ = ordered_epoch_ = epoch;
  stop_when_prepared_ = false;
  early_start_.reset();
  state_ = v1::AGENT_STATE_PREPARING;
  if (preparing_.joinable()) preparing_.join();  // has posted its result: it is ending
  fetching_.reset();
  if (prepare.plan().feeders_size() > 0) fetching_ = std::make_shared<FeederFetch>(channels_());
  preparing_ = std::thread([this, message = std::move(prepare), fetching = fetching_] {
    auto plan = Prepared(message);
    if (plan.ok() && fetching != nullptr) {
      absl::Status status = fetching->Fetch(message.plan(), plan->get());
      if (!status.ok()) plan = std::move(status);
    }
    mailbox_.Post(
        PrepareDone{message.assignment().run_id(), message.assignment().epoch(), std::move(plan)});
  });
}

absl::StatusOr<std::unique_ptr<RunPlan>> Link::Prepared(const v1::Prepare& order) const {
  const absl::StatusOr<SlotSet> slots = SlotSet::FromBitmap(order.assignment().slots());
  if (!slots.ok()) return slots.status();
  if (absl::Status status = CheckCeiling(order.plan(), *slots, options_.ceiling); !status.ok()) {
    return status;
  }
  if (options_.network.rules != nullptr) options_.network.rules->Resolve();
  return PrepareRun(order, options_.network, options_.agent_id);
}

void Link::Handle(PrepareDone event) {
  if (event.run_id != run_id_) return;
  if (!event.plan.ok() || stop_when_prepared_) {
    return OnPrepared(event.plan.ok() ? Stopped() : event.plan.status());
  }
  engine_.Install(
      *std::move(event.plan),
      WindowSource{event.run_id, event.epoch, options_.agent_id, options_.incarnation},
      RunReporter::Sink{[this](v1::Window window) { mailbox_.Post(std::move(window)); },
                        [this](v1::FinalSummary summary) { mailbox_.Post(std::move(summary)); }},
      [this, run = event.run_id, epoch = event.epoch] {
        mailbox_.Post(EngineReady{run, epoch});
      });
}

void Link::Handle(EngineReady event) {
  if (event.run_id != run_id_ || event.epoch != epoch_) return;
  if (stop_when_prepared_) engine_.Uninstall();
  OnPrepared(stop_when_prepared_ ? Stopped() : absl::OkStatus());
}

// How the preparation has ended.
void Link::OnPrepared(const absl::Status& status) {
  state_ = status.ok() ? v1::AGENT_STATE_READY : v1::AGENT_STATE_IDLE;
  SendPrepared(run_id_, epoch_, status);
  if (!status.ok()) Released();
  FinishDrainIfDone();
}

void Link::OnStart(const v1::Start& start) {
  if (start.run_id() != run_id_ || start.epoch() != epoch_ || state_ != v1::AGENT_STATE_READY) {
    return;
  }
  if (!offset_.known()) {
    early_start_ = start;
    return;
  }
  state_ = v1::AGENT_STATE_RUNNING;
  engine_.Start(start.t0_master_ns() - offset_.offset());
  spdlog::info("run {}: started", run_id_);
  for (v1::Adjust& adjust : std::exchange(early_adjusts_, {})) OnAdjust(std::move(adjust));
}

// The only thing that takes a fence away.
void Link::OnAdjust(v1::Adjust adjust) {
  const v1::Assignment& assignment = adjust.assignment();
  if (run_id_.empty() || assignment.run_id() != run_id_) return;
  if (state_ == v1::AGENT_STATE_PREPARING || state_ == v1::AGENT_STATE_READY) {
    early_adjusts_.push_back(std::move(adjust));
    return;
  }
  if (assignment.epoch() <= ordered_epoch_) {
    // Its answer was lost on its way, or the workers have yet to take it up.
    const auto answered = adjusted_.find(assignment.epoch());
    if (answered != adjusted_.end()) SendAdjusted(answered->first, answered->second);
    return;
  }
  auto slots = SlotSet::FromBitmap(assignment.slots());
  if (!slots.ok()) {
    spdlog::error("run {}: epoch {}: {}", run_id_, assignment.epoch(), slots.status().ToString());
    return;
  }
  if (assignment.changes_size() > 0) {
    spdlog::error("run {}: epoch {} changes the load, which this agent cannot do", run_id_,
                  assignment.epoch());
  }
  ordered_epoch_ = assignment.epoch();
  spdlog::info("run {}: epoch {}: {} of {} slots from {:.3f} s on", run_id_, ordered_epoch_,
               slots->size(), kSlots,
               static_cast<double>(assignment.effective_from_ns()) / kSecond);
  engine_.Adjust(ordered_epoch_, *std::move(slots), assignment.effective_from_ns(),
                 [this, run = run_id_, epoch = ordered_epoch_](Nanos effective_from) {
                   mailbox_.Post(AdjustDone{run, epoch, effective_from});
                 });
}

void Link::Handle(AdjustDone event) {
  if (event.run_id != run_id_ || event.epoch <= epoch_) return;
  epoch_ = event.epoch;
  if (state_ == v1::AGENT_STATE_FENCED && !engine_.fenced()) state_ = v1::AGENT_STATE_RUNNING;
  adjusted_[epoch_] = event.effective_from;
  SendAdjusted(epoch_, event.effective_from);
}

void Link::OnStop(const v1::Stop& stop) {
  if (once_ != nullptr && once_->order().run_id() == stop.run_id()) once_->Cancel();
  if (stop.run_id() != run_id_ || run_id_.empty()) return;
  if (state_ == v1::AGENT_STATE_PREPARING) {
    stop_when_prepared_ = true;
    if (fetching_ != nullptr) fetching_->Cancel();
    return;
  }
  spdlog::info("run {}: stop ({})", run_id_, stop.reason());
  state_ = v1::AGENT_STATE_FINISHING;
  engine_.Stop(stop.grace_ns());
}

// --- what is done once ---

// Before a run of its own, or after: an agent that has yet to deliver what it measured does that
// first.
void Link::OnOnce(v1::RunOnce order) {
  const bool own = run_id_ == order.run_id() && !next_once_;
  const bool busy = once_ != nullptr || (!run_id_.empty() && !own);
  if (busy || draining_) {
    v1::OnceDone refused;
    refused.set_run_id(order.run_id());
    refused.set_flow(order.flow());
    refused.set_reason(draining_ ? "the agent is draining" : "the agent is busy");
    SendOnceDone(std::move(refused));
  } else if (run_id_.empty()) {
    BeginOnce(std::move(order));
  } else {
    next_once_ = std::move(order);
  }
}

void Link::BeginOnce(v1::RunOnce order) {
  spdlog::info("run {}: does flow {} once", order.run_id(), order.flow());
  if (doing_once_.joinable()) doing_once_.join();  // has posted its result: it is ending
  std::unique_ptr<FeederSource> feeders;
  if (order.plan().feeders_size() > 0) feeders = std::make_unique<FeederFetch>(channels_());
  once_ = std::make_unique<OnceRun>(std::move(order), options_.network, options_.agent_id,
                                    std::move(feeders), clock_);
  doing_once_ = std::thread([this, once = once_.get()] {
    if (options_.network.rules != nullptr) options_.network.rules->Resolve();
    mailbox_.Post(OnceEnded{once->Do()});
  });
}

void Link::Handle(OnceEnded event) {
  doing_once_.join();
  once_.reset();
  SendOnceDone(std::move(event.done));
}

void Link::SendOnceDone(v1::OnceDone done) {
  if (!registered_) {
    unsent_once_done_ = std::move(done);
    return;
  }
  v1::AgentMessage message;
  *message.mutable_once_done() = std::move(done);
  control_->Write(std::move(message));
}

void Link::Released() {
  run_id_.clear();
  epoch_ = ordered_epoch_ = 0;
  adjusted_.clear();
  early_adjusts_.clear();
  state_ = v1::AGENT_STATE_IDLE;
  if (next_once_) BeginOnce(*std::exchange(next_once_, std::nullopt));
}

}  // namespace loadfleet
