#include "master/run/run.h"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/limits.h"
#include "common/plan_shape.h"
#include "common/secrets.h"
#include "common/threshold_text.h"

namespace loadfleet {
namespace {

constexpr Nanos kNever = INT64_MAX;
// A clean end waits this long for agents to say that they are free, so that the next plan finds
// them so.
constexpr Nanos kReleaseTime = 2 * kSecond;

}  // namespace

Run::Run(std::string run_id, v1::Plan plan, Secrets secrets, std::vector<Share> shares,
         RunSurroundings surroundings)
    : run_id_(std::move(run_id)),
      plan_(WithoutSecrets(plan, secrets)),
      agents_plan_(std::move(plan)),
      secrets_(std::move(secrets)),
      with_(std::move(surroundings)),
      orders_(with_.registry, run_id_),
      results_(run_id_, plan_, secrets_),
      epochs_(run_id_, parts_, orders_, results_,
              [this](uint64_t epoch, std::vector<StoredAssignment> assignments) {
                with_.store.SaveEpoch(
                    std::move(assignments),
                    [weak = weak_from_this(), post = with_.post, epoch](const absl::Status&) {
                      post([weak, epoch] {
                        if (auto run = weak.lock()) run->epochs_.OnCommitted(epoch);
                      });
                    });
              }),
      deadline_(kNever) {
  for (Share& share : shares) {
    const Participant& who = share.participant;
    results_.AddAgent(who.agent_id, who.incarnation, share.slots);
    parts_[{who.agent_id, who.incarnation}].share = std::move(share);
  }
}

// --- prepare, barrier, start ---

void Run::Begin(Accepted accepted) {
  accepted_ = std::move(accepted);
  deadline_ = with_.clock.Now() + limits::kAcceptTime;
  with_.store.SaveRun(Stored(),
                      [weak = weak_from_this(), post = with_.post](const absl::Status& status) {
                        post([weak, status] {
                          if (auto run = weak.lock()) run->OnCommittedAtFirst(status);
                        });
                      });
}

void Run::OnCommittedAtFirst(const absl::Status& status) {
  if (accepted_ == nullptr) return;  // nobody waits for it any more
  std::exchange(accepted_, nullptr)(status);
  if (!status.ok()) return StopLoad("the store failed", true);
  if (plan_.has_setup()) {
    BeginSetup();
  } else {
    PrepareAll();
  }
}

void Run::PrepareAll() {
  deadline_ = with_.clock.Now() + PrepareTime();
  for (const auto& [key, part] : parts_) OrderPrepare(part);
}

void Run::OrderPrepare(const Part& part) {
  orders_.Prepare(part.who(), epochs_.AssignmentOf(part), agents_plan_);
}

// All agents fetch the files of the feeders meanwhile, from one master.
Nanos Run::PrepareTime() const {
  uint64_t bytes = 0;
  for (const v1::Feeder& feeder : plan_.feeders()) bytes += feeder.file().size();
  return limits::kPrepareTime +
         static_cast<Nanos>(bytes * parts_.size() / limits::kFetchedPerSecond) * kSecond;
}

void Run::GiveUp(const std::string& why) {
  if (accepted_ == nullptr) return;
  std::exchange(accepted_, nullptr)(absl::FailedPreconditionError(why));
  StopLoad(why, true);
}

void Run::OnPrepared(const AgentRecord& agent, const v1::Prepared& prepared) {
  Part* part = Find(agent.id(), agent.incarnation());
  if (part == nullptr || stopping_) return;
  if (part->joins) return OnJoinerPrepared(*part, prepared);
  if (state_ != v1::RUN_STATE_PREPARING) return;
  if (!prepared.ready()) {
    StopLoad(
        absl::StrCat("agent ", agent.id(), " cannot take part: ", secrets_.Hide(prepared.reason())),
        true);
    return;
  }
  part->ready = true;
  StartWhenReady();
}

void Run::StartWhenReady() {
  if (state_ != v1::RUN_STATE_PREPARING || stopping_) return;
  const bool all = std::all_of(parts_.begin(), parts_.end(),
                               [](const auto& entry) { return entry.second.ready; });
  if (!all) return;
  state_ = v1::RUN_STATE_STARTING;
  const Nanos delay = plan_.agents().start_delay_ns();
  t0_ = with_.clock.Now() + delay;
  started_at_ms_ = with_.clock.WallMillis() + delay / kMillisecond;
  deadline_ = t0_;
  for (const auto& [key, part] : parts_) {
    const AgentRecord* agent = orders_.Living(part.who());
    if (agent == nullptr) continue;
    results_.SetOffsetBound(agent->id(), agent->incarnation(), agent->offset_bound);
  }
  StoredRun stored = Stored();
  stored.assignments = epochs_.Begin();
  with_.store.SaveRun(
      std::move(stored), [weak = weak_from_this(), post = with_.post](const absl::Status& status) {
        post([weak, status] {
          const std::shared_ptr<Run> run = weak.lock();
          if (run == nullptr) return;
          if (status.ok()) {
            run->OnStartCommitted();
          } else {
            run->StopLoad(absl::StrCat("the store failed: ", std::string(status.message())), true);
          }
        });
      });
}

void Run::OnStartCommitted() {
  if (stopping_) return;
  start_committed_ = true;
  for (const auto& [key, part] : parts_) orders_.Start(part.who(), part.prepared_epoch, t0_);
  spdlog::info("run {}: starts with {} agents", run_id_, parts_.size());
}

// --- the end ---

void Run::OrderStop(const Part& part) {
  orders_.Stop(part.who(), reasons_.empty() ? "quarantined" : reasons_.back(), GracefulStop(plan_));
}

bool Run::Stop(const std::string& reason) {
  if (stopping_ || state_ >= v1::RUN_STATE_FINISHING) return false;
  StopLoad(reason, true);
  return true;
}

// The run has failed, and nobody aborted it.
void Run::ObeyThresholds() {
  if (stopping_ || state_ >= v1::RUN_STATE_FINISHING) return;
  const std::optional<v1::ThresholdResult> threshold = results_.AbortingThreshold();
  if (!threshold) return;
  const std::string why = absl::StrCat("threshold ", ThresholdSentence(*threshold));
  notes_.push_back(absl::StrFormat("the run was ended at %.1f s by the %s",
                                   static_cast<double>(Elapsed()) / kSecond, why));
  AddEvent(Elapsed(), absl::StrCat("ended by the ", why));
  StopLoad(why, false);
}

void Run::StopLoad(const std::string& reason, bool aborted) {
  if (stopping_ || ended()) return;
  spdlog::info("run {}: stops: {}", run_id_, reason);
  once_.reset();  // setup, if it is that: who does it is told to stop like the others
  load_ended_ = Elapsed();
  results_.EndLoad(load_ended_);
  if (load_ended_ == 0) started_at_ms_ = 0;  // no agent has begun
  stopping_ = true;
  aborted_ = aborted_ || aborted;
  reasons_.push_back(reason);
  for (auto& [key, part] : parts_) {
    OrderStop(part);
    // Whoever never got ready has nothing to deliver.
    if (part.ready || part.lost) continue;
    part.lost = true;
    results_.MarkLost(key.first, key.second, 0, "the run was stopped before it was ready");
  }
  state_ = v1::RUN_STATE_FINISHING;
  doubts_until_.reset();
  deadline_ = with_.clock.Now() + GracefulStop(plan_) + limits::kDeliveryTime;
  FinishWhenComplete();
}

Nanos Run::NextWake() const {
  return doubts_until_ ? std::min(deadline_, *doubts_until_) : deadline_;
}

void Run::OnTime() {
  const Nanos now = with_.clock.Now();
  DismissLate();
  if (now < deadline_) return;
  if (once_) return OnOnceTime();
  switch (state_) {
    case v1::RUN_STATE_PREPARING: {
      if (accepted_ != nullptr) {
        GiveUp(absl::StrCat("the run store did not take the plan within ",
                            limits::kAcceptTime / kSecond, " s"));
        break;
      }
      std::string late;
      for (const auto& [key, part] : parts_) {
        if (!part.ready) absl::StrAppend(&late, late.empty() ? "" : ", ", key.first);
      }
      StopLoad(absl::StrCat("not ready within ", PrepareTime() / kSecond, " s: ", late), true);
      break;
    }
    case v1::RUN_STATE_STARTING:
      state_ = v1::RUN_STATE_RUNNING;
      deadline_ = t0_ + LoadDuration(plan_);
      break;
    case v1::RUN_STATE_RUNNING:
      state_ = v1::RUN_STATE_FINISHING;
      doubts_until_.reset();
      deadline_ = now + GracefulStop(plan_) + limits::kDeliveryTime;
      DismissLate();
      FinishWhenComplete();
      break;
    case v1::RUN_STATE_FINISHING:
      deadline_ = kNever;
      if (report_ != nullptr) {
        EndWhenReleased();
        break;
      }
      for (auto& [key, part] : parts_) {
        if (!part.lost && !part.delivered) MarkLost(part, "its last windows did not arrive");
      }
      break;
    default:
      deadline_ = kNever;
      break;
  }
}

void Run::FinishWhenComplete() {
  // What those had who are gone may find somebody who takes it, or they may come back.
  if (unbalanced_ && state_ == v1::RUN_STATE_RUNNING) return;
  if (report_ != nullptr || !results_.Complete()) return;
  const bool all_stored = std::all_of(parts_.begin(), parts_.end(), [](const auto& entry) {
    return entry.second.uncommitted == 0;
  });
  if (!all_stored) return;
  if (state_ < v1::RUN_STATE_FINISHING) load_ended_ = EndedByItself();
  state_ = v1::RUN_STATE_FINISHING;
  if (!TeardownGoesOn()) WriteReport();
}

// When, if the agents have nothing left to do before the plan's time is over. That their last
// windows took a moment to get here makes no second of which there are none.
Nanos Run::EndedByItself() const {
  const bool any_lost = std::any_of(parts_.begin(), parts_.end(),
                                    [](const auto& entry) { return entry.second.lost; });
  const Nanos measured = results_.Measured();
  return any_lost || measured == 0 ? Elapsed() : std::min(Elapsed(), measured);
}

void Run::WriteReport() {
  for (const auto& [key, part] : parts_) {
    if (part.lost || part.owed.empty()) continue;
    notes_.push_back(absl::StrCat("agent ", key.first, " has not answered epoch ",
                                  part.owed.back().assignment.epoch()));
  }
  RunEnding ending;
  ending.started_at_ms = started_at_ms_;
  ending.duration = stopping_ || load_ended_ > 0 ? load_ended_ : LoadDuration(plan_);
  ending.aborted = aborted_;
  ending.reasons = reasons_;
  ending.notes = notes_;
  ending.epochs = epochs_.reports();
  ending.events = events_;
  report_ = std::make_shared<const v1::Report>(results_.MakeReport(ending));
  deadline_ = kNever;
  with_.store.SaveReport(*report_,
                         [weak = weak_from_this(), post = with_.post](const absl::Status& status) {
                           post([weak, status] {
                             const std::shared_ptr<Run> run = weak.lock();
                             if (run == nullptr) return;
                             if (!status.ok()) {
                               spdlog::error("run {}: its report is not stored: {}", run->run_id_,
                                             std::string(status.message()));
                             }
                             run->report_saved_ = true;
                             run->deadline_ = run->with_.clock.Now() + kReleaseTime;
                             run->EndWhenReleased();
                           });
                         });
}

void Run::EndWhenReleased() {
  if (!report_saved_ || ended()) return;
  const bool held = std::any_of(parts_.begin(), parts_.end(), [this](const auto& entry) {
    const AgentRecord* agent = orders_.Living(entry.second.who());
    return agent != nullptr && agent->control != nullptr && agent->reported_run == run_id_;
  });
  if (held && with_.clock.Now() < deadline_ && deadline_ != kNever) return;
  state_ = v1::RUN_STATE_ENDED;
  deadline_ = kNever;
  spdlog::info("run {}: ended", run_id_);
}

// --- how far it is ---

Nanos Run::Elapsed() const {
  if (t0_ == 0) return 0;
  if (stopping_ || load_ended_ > 0) return load_ended_;
  return std::clamp<Nanos>(with_.clock.Now() - t0_, 0, LoadDuration(plan_));
}

StoredRun Run::Stored() const {
  StoredRun stored;
  stored.run_id = run_id_;
  stored.plan = plan_;
  stored.state = state_;
  stored.started_at_ms = started_at_ms_;
  return stored;
}

void Run::Note(const std::string& what) {
  spdlog::warn("run {}: {}", run_id_, what);
  notes_.push_back(what);
}

void Run::AddEvent(Nanos at, const std::string& what) {
  v1::RunEvent& event = events_.emplace_back();
  event.set_at_ns(at);
  event.set_text(what);
}

Part* Run::Find(const std::string& agent_id, uint64_t incarnation) {
  const auto found = parts_.find({agent_id, incarnation});
  return found == parts_.end() ? nullptr : &found->second;
}

}  // namespace loadfleet
