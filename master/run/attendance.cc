// Agents that come and go while a run lasts, and the load that follows them.
#include <algorithm>

#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/limits.h"
#include "common/plan_shape.h"
#include "common/units.h"
#include "master/run/run.h"

namespace loadfleet {
namespace {

// From an epoch's commit to the arrivals that follow it: its orders are to be there before.
constexpr Nanos kLead = 300 * kMillisecond;
constexpr size_t kNamed = 4;  // agents in a sentence

std::string Names(const std::vector<Part*>& parts) {
  std::string names;
  for (size_t i = 0; i < parts.size() && i < kNamed; ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", parts[i]->who().agent_id);
  }
  if (parts.size() > kNamed) absl::StrAppend(&names, " and ", parts.size() - kNamed, " more");
  return names;
}

double Seconds(Nanos time) {
  return static_cast<double>(time) / kSecond;
}

}  // namespace

void Run::OnHeartbeat(const AgentRecord& agent) {
  Part* part = Find(agent.id(), agent.incarnation());
  if (part == nullptr) return;
  const bool holds = agent.reported_run == run_id_;
  // Its answer may have been lost with its link.
  if (holds && agent.state == v1::AGENT_STATE_READY && !part->ready && !part->joins) {
    part->ready = true;
    StartWhenReady();
  }
  if (part->quarantined && (!holds || agent.state == v1::AGENT_STATE_FINISHING)) MarkGone(*part);
  const bool fenced = holds && agent.state == v1::AGENT_STATE_FENCED;
  if (fenced && !part->fenced) {
    results_.MarkGap(agent.id(), agent.incarnation());
    const std::string what =
        absl::StrFormat("agent %s lost touch with the master and stopped its load before %.1f s",
                        agent.id(), Seconds(Elapsed()));
    notes_.push_back(what);
    AddEvent(Elapsed(), absl::StrCat("agent ", agent.id(), " was fenced"));
  }
  part->fenced = fenced;
  const bool running = state_ == v1::RUN_STATE_RUNNING && !stopping_;
  // It finishes though nobody told it to: it is being drained. Its goodbye comes last.
  if (running && holds && agent.state == v1::AGENT_STATE_FINISHING && !part->leaves &&
      !part->delivered && !part->lost && !MayEndEarly()) {
    OnGoodbye(agent, "it is being drained");
  }
  // Whatever was newer than its fence has reached it, and it is fenced all the same.
  if (running && fenced && part->owed.empty() && agent.reported_epoch >= part->epoch &&
      !part->lost && !part->share.slots.empty() && RunTime() + kLead < LoadDuration(plan_)) {
    const Nanos from = RunTime() + kLead;
    epochs_.Renew(*part, from, absl::StrCat(agent.id(), " is back"));
    AddEvent(from, absl::StrFormat("epoch %d: agent %s goes on", epochs_.newest(), agent.id()));
  }
  EndWhenReleased();
}

void Run::OnAdjusted(const AgentRecord& agent, const v1::Adjusted& adjusted) {
  Part* part = Find(agent.id(), agent.incarnation());
  if (part == nullptr || part->gone) return;
  epochs_.OnAdjusted(*part, adjusted);
  unbalanced_ = unbalanced_ || plan_.agents().elastic();
}

void Run::OnAgentBack(const AgentRecord& agent) {
  Part* part = Find(agent.id(), agent.incarnation());
  if (part == nullptr || ended()) return;
  const bool holds = agent.reported_run == run_id_;
  if (stopping_ || part->quarantined || part->leaves || report_ != nullptr) {
    if (holds) OrderStop(*part);
    return;
  }
  if (!holds) {
    // Before the commit, and while setup is done, nobody prepares: PrepareAll tells all of them.
    if (!part->lost && !part->ready && accepted_ == nullptr && !once_) OrderPrepare(*part);
    return;
  }
  if (part->lost) TakeBack(*part);
  // Ignored by an agent that has started.
  if (start_committed_ && part->ready) orders_.Start(part->who(), part->prepared_epoch, t0_);
  epochs_.Remind(*part);
}

// It was lost, and has the run still. When its share is another's by now it stays, idle, for
// whatever comes; else its next heartbeat, which says that it is fenced, gives it back.
void Run::TakeBack(Part& part) {
  const Participant& who = part.who();
  part.lost = false;
  part.gone = false;
  results_.MarkBack(who.agent_id, who.incarnation, static_cast<uint32_t>(Elapsed() / kSecond));
  Note(absl::StrFormat("agent %s is back at %.1f s", who.agent_id, Seconds(Elapsed())));
  AddEvent(Elapsed(), absl::StrCat("agent ", who.agent_id, " is back"));
  unbalanced_ = true;
}

void Run::OnAgentLost(const std::string& agent_id, uint64_t incarnation, const std::string& why) {
  if (IsInTeardown(agent_id, incarnation)) OnOnceAgentLost(why);
  Part* part = Find(agent_id, incarnation);
  if (part == nullptr || ended()) return;
  if (part->joins) return Dismiss(*part, why);
  MarkGone(*part);
  MarkLost(*part, why);
}

bool Run::Expects(const AgentRecord& agent) const {
  const auto found = parts_.find({agent.id(), agent.incarnation()});
  if (found == parts_.end() || ended()) return false;
  const Part& part = found->second;
  return part.ready && !part.lost && !part.delivered && !part.quarantined;
}

void Run::OnGoodbye(const AgentRecord& agent, const std::string& why) {
  if (IsInTeardown(agent.id(), agent.incarnation())) OnOnceAgentLost(why);
  Part* part = Find(agent.id(), agent.incarnation());
  if (part == nullptr || ended() || part->lost) return;
  if (part->joins) return Dismiss(*part, why);
  MarkGone(*part);
  if (part->delivered || state_ >= v1::RUN_STATE_FINISHING) MarkLost(*part, why);
  if (std::exchange(part->leaves, true) || part->lost) return;
  results_.MarkGap(agent.id(), agent.incarnation());
  const std::string what =
      absl::StrFormat("agent %s left at %.1f s: %s", agent.id(), Seconds(Elapsed()), why);
  Note(what);
  AddEvent(Elapsed(), absl::StrCat("agent ", agent.id(), " left"));
  if (state_ < v1::RUN_STATE_RUNNING ||
      plan_.agents().on_loss() == v1::AgentPolicy::ON_LOSS_ABORT) {
    StopLoad(what, true);
  }
}

// It starts nothing any more: what it had may be given to others.
void Run::MarkGone(Part& part) {
  if (part.gone) return;
  part.gone = true;
  epochs_.OnGone(part);
  unbalanced_ = true;
}

// Nothing more of it is waited for.
void Run::MarkLost(Part& part, const std::string& why) {
  if (part.lost) return;
  const Participant& who = part.who();
  const bool told = part.leaves && part.delivered;  // that it leaves
  part.lost = true;
  part.lost_at = with_.clock.Now();
  const bool early = state_ < v1::RUN_STATE_FINISHING;
  if (part.delivered && !early) return EndWhenReleased();  // it has given all that it had
  const std::string what =
      absl::StrFormat("agent %s %s at %.1f s: %s", who.agent_id,
                      part.delivered ? "left" : "was lost", Seconds(Elapsed()), why);
  if (!told) {
    Note(what);
    AddEvent(Elapsed(),
             absl::StrCat("agent ", who.agent_id, part.delivered ? " left" : " was lost"));
  }
  results_.MarkGap(who.agent_id, who.incarnation);
  if (!part.delivered) {
    results_.MarkLost(who.agent_id, who.incarnation, static_cast<uint32_t>(Elapsed() / kSecond),
                      why);
  }
  const bool before_start = state_ < v1::RUN_STATE_RUNNING;
  if (before_start || (early && plan_.agents().on_loss() == v1::AgentPolicy::ON_LOSS_ABORT)) {
    StopLoad(what, true);
  }
  ObeyThresholds();
  FinishWhenComplete();
}

// --- the load follows ---

bool Run::MayEndEarly() const {
  return std::any_of(
      plan_.scenarios().begin(), plan_.scenarios().end(),
      [this](const v1::Scenario& scenario) { return loadfleet::MayEndEarly(plan_, scenario); });
}

bool Run::MayTakeLoad(const Part& part) const {
  if (!part.ready || part.gone || part.lost || part.quarantined || part.delivered) return false;
  const AgentRecord* agent = orders_.Living(part.who());
  return agent != nullptr && agent->health == v1::AGENT_HEALTH_UP && agent->control != nullptr;
}

void Run::Rebalance() {
  if (!unbalanced_ || state_ != v1::RUN_STATE_RUNNING || stopping_) return;
  unbalanced_ = false;
  if (plan_.agents().on_loss() == v1::AgentPolicy::ON_LOSS_REDISTRIBUTE) Redistribute();
  if (!unbalanced_ && !stopping_ && plan_.agents().elastic()) ShareOut();
  FinishWhenComplete();
}

// What those had who are gone, to those who are here.
void Run::Redistribute() {
  std::vector<Part*> gone;
  std::vector<Part*> heirs;
  bool any_left = false;
  for (auto& [key, part] : parts_) {
    any_left = any_left || !(part.lost || part.gone || part.delivered);
    if (part.gone && !part.share.slots.empty()) gone.push_back(&part);
    if (MayTakeLoad(part)) heirs.push_back(&part);
  }
  const Nanos from = RunTime() + kLead;
  if (gone.empty() || from >= LoadDuration(plan_)) {
    doubts_until_.reset();
    return;
  }
  if (DoubtsItself() || (heirs.empty() && any_left)) {
    unbalanced_ = true;  // and looks again
    return;
  }
  if (stopping_ || heirs.empty()) return;
  const std::string whose = Names(gone);
  epochs_.Redistribute(gone, heirs, from,
                       absl::StrCat(whose, gone.size() == 1 ? " is gone" : " are gone"));
  AddEvent(from, absl::StrCat("epoch ", epochs_.newest(), ": the load of ", whose, " goes to ",
                              Names(heirs)));
  spdlog::info("run {}: epoch {}: the load of {} goes to {} from {:.1f} s on", run_id_,
               epochs_.newest(), whose, Names(heirs), Seconds(from));
}

// More than half of the agents gone within one lease: it may be the master that cannot hear. True:
// nothing is moved now.
bool Run::DoubtsItself() {
  const Nanos now = with_.clock.Now();
  std::vector<Part*> lost;
  size_t silent = 0;
  size_t all = 0;
  for (auto& [key, part] : parts_) {
    if (part.leaves || part.joins || part.quarantined) continue;
    const bool unsettled = part.gone && !part.share.slots.empty();
    const AgentRecord* agent = orders_.Living(part.who());
    if (part.lost && (unsettled || now - part.lost_at <= limits::kLease)) {
      lost.push_back(&part);
    } else if (part.lost) {
      continue;
    } else if (agent == nullptr || agent->health != v1::AGENT_HEALTH_UP) {
      ++silent;
    }
    ++all;
  }
  const bool most_lost = 2 * lost.size() > all;
  if (2 * (lost.size() + silent) <= all) {
    doubts_until_.reset();
    return false;
  }
  if (!most_lost) return true;  // the silent ones will be heard or be lost
  if (!doubts_until_) {
    doubts_until_ = now + limits::kLease;
    AddEvent(Elapsed(), absl::StrCat("more than half of the agents are lost; the master waits ",
                                     FormatDuration(limits::kLease), " for them"));
    return true;
  }
  if (now < *doubts_until_) return true;
  StopLoad(absl::StrCat("more than half of the agents (", lost.size(), " of ", all,
                        ") were lost within ", FormatDuration(limits::kLease),
                        " and stayed away: ", Names(lost)),
           true);
  return true;
}

// Who has come later gets its fair share, one after the other.
void Run::ShareOut() {
  const Nanos from = RunTime() + kLead;
  if (epochs_.moving() || from >= LoadDuration(plan_)) return;
  std::vector<Part*> owners;
  for (auto& [key, part] : parts_) {
    if (MayTakeLoad(part)) owners.push_back(&part);
  }
  for (Part* part : owners) {
    const std::string& id = part->who().agent_id;
    if (!epochs_.Move(owners, *part, from, absl::StrCat(id, " gets its share"))) continue;
    AddEvent(from, absl::StrCat("epoch ", epochs_.newest(), ": the others give to agent ", id));
    return;
  }
}

// --- those who come later ---

bool Run::TakesMore() const {
  return plan_.agents().elastic() && state_ == v1::RUN_STATE_RUNNING && !stopping_ &&
         RunTime() + limits::kLease < LoadDuration(plan_);
}

// It prepares with no share, so that nothing depends on how long that takes.
void Run::Join(const Participant& participant) {
  Part& part = parts_[{participant.agent_id, participant.incarnation}];
  part.share.participant = participant;
  part.epoch = epochs_.newest();
  part.prepared_epoch = part.epoch;
  part.joins = true;
  part.ready_by = with_.clock.Now() + PrepareTime();
  OrderPrepare(part);
}

void Run::OnJoinerPrepared(Part& part, const v1::Prepared& prepared) {
  if (!prepared.ready()) return Dismiss(part, secrets_.Hide(prepared.reason()));
  const Participant& who = part.who();
  part.joins = false;
  part.ready = true;
  results_.AddAgent(who.agent_id, who.incarnation, SlotSet(), RunTime());
  if (const AgentRecord* agent = orders_.Living(who)) {
    results_.SetOffsetBound(who.agent_id, who.incarnation, agent->offset_bound);
  }
  AddEvent(RunTime(), absl::StrCat("agent ", who.agent_id, " joined"));
  spdlog::info("run {}: agent {} joins", run_id_, who.agent_id);
  orders_.Start(who, part.prepared_epoch, t0_);
  unbalanced_ = true;
}

// It has done nothing yet, and takes no part.
void Run::Dismiss(Part& part, const std::string& why) {
  Note(absl::StrCat("agent ", part.who().agent_id, " could not join: ", why));
  orders_.Stop(part.who(), why, 0);
  AgentRecord* agent = with_.registry.Find(part.who().agent_id);
  if (agent != nullptr && agent->incarnation() == part.who().incarnation) agent->run_id.clear();
  parts_.erase(part.key());
}

void Run::DismissLate() {
  for (auto it = parts_.begin(); it != parts_.end();) {
    Part& part = (it++)->second;
    if (!part.joins) continue;
    if (state_ >= v1::RUN_STATE_FINISHING) {
      Dismiss(part, "the load has ended");
    } else if (with_.clock.Now() >= part.ready_by) {
      Dismiss(part, absl::StrCat("not ready within ", FormatDuration(PrepareTime())));
    }
  }
}

}  // namespace loadfleet
