// What agents deliver to a run: counted, committed to the store, then acknowledged.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "master/run/run.h"

namespace loadfleet {
namespace {

// Of one agent, on their way to the store: beyond it its stream is not read.
constexpr int kUncommitted = 32;

}  // namespace

void Run::OnWindow(const std::shared_ptr<WindowStream>& stream, const v1::Window& window) {
  if (Part* part = Countable(stream, window.key(), false)) {
    Receive(*part, stream, window.key(), false, results_.Apply(window));
  }
  ObeyThresholds();
}

void Run::OnSummary(const std::shared_ptr<WindowStream>& stream, const v1::FinalSummary& summary) {
  if (Part* part = Countable(stream, summary.key(), true)) {
    Receive(*part, stream, summary.key(), true, results_.ApplySummary(summary));
  }
  ObeyThresholds();
}

// Whose part it is of. nullptr: it is nobody's that can be believed, and has been dealt with.
Part* Run::Countable(const std::shared_ptr<WindowStream>& stream, const v1::WindowKey& key,
                     bool summary) {
  Part* part = Find(key.agent_id(), key.incarnation());
  if (part == nullptr) {
    stream->End(absl::PermissionDeniedError("this agent takes no part in the run"));
    return nullptr;
  }
  if (!part->quarantined) return part;
  TakeUncounted(*stream, key, summary);
  return nullptr;
}

void Run::Receive(Part& part, const std::shared_ptr<WindowStream>& stream, const v1::WindowKey& key,
                  bool summary, absl::StatusOr<RunResults::Applied> applied) {
  if (!applied.ok()) {
    Quarantine(part, std::string(applied.status().message()));
    TakeUncounted(*stream, key, summary);
  } else if (applied->fate == WindowFate::kConflict) {
    Quarantine(part, absl::StrCat(summary ? "its summary" : absl::StrCat("window ", key.last_seq()),
                                  " came twice with different content"));
    TakeUncounted(*stream, key, summary);
  } else if (applied->fate == WindowFate::kDuplicate) {
    // What is not committed yet is acknowledged when it is.
    if (summary ? part.delivered : key.last_seq() <= part.committed_seq) Acknowledge(part);
    stream->ReadNext();
  } else {
    with_.store.CommitWindow(
        std::move(applied->commit),
        [weak = weak_from_this(), post = with_.post, id = key.agent_id(),
         incarnation = key.incarnation(), seq = key.last_seq(), summary](const absl::Status&) {
          post([weak, id, incarnation, seq, summary] {
            if (auto run = weak.lock()) run->OnCommitted(id, incarnation, seq, summary);
          });
        });
    Delivering(part, stream);
  }
}

void Run::Delivering(Part& part, const std::shared_ptr<WindowStream>& stream) {
  if (++part.uncommitted < kUncommitted) {
    stream->ReadNext();
  } else {
    part.waiting = stream;
  }
}

void Run::OnCommitted(const std::string& agent_id, uint64_t incarnation, uint64_t seq,
                      bool summary) {
  Part* part = Find(agent_id, incarnation);
  --part->uncommitted;
  part->committed_seq = std::max(part->committed_seq, seq);
  if (summary) part->delivered = true;
  Acknowledge(*part);
  // Of the stream that waits, and of no other: a newer one is being read already.
  if (part->waiting != nullptr) std::exchange(part->waiting, nullptr)->ReadNext();
  FinishWhenComplete();
}

void Run::Acknowledge(const Part& part) {
  // Also to one that has said goodbye.
  const AgentRecord* agent = with_.registry.Find(part.who().agent_id);
  if (agent == nullptr || agent->incarnation() != part.who().incarnation ||
      agent->windows == nullptr) {
    return;
  }
  v1::WindowAck ack;
  ack.set_run_id(run_id_);
  ack.set_incarnation(agent->incarnation());
  ack.set_last_seq(part.committed_seq);
  ack.set_summary(part.delivered);
  agent->windows->Acknowledge(std::move(ack));
}

// What it says cannot be believed: its load ends, and nothing more of it is counted.
void Run::Quarantine(Part& part, const std::string& why) {
  part.quarantined = true;
  MarkLost(part, absl::StrCat("quarantined: ", why));
  OrderStop(part);
}

}  // namespace loadfleet
