// The life of one run: setup, prepare, barrier, start at T0, running, finishing, teardown, ended.
//
// What adds load is committed to the store before it is announced; what takes load away is
// announced first.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/secrets.h"
#include "loadfleet/v1/api.pb.h"
#include "loadfleet/v1/fleet.pb.h"
#include "loadfleet/v1/metrics.pb.h"
#include "loadfleet/v1/plan.pb.h"
#include "master/fleet/registry.h"
#include "master/partition/partition.h"
#include "master/results/run_results.h"
#include "master/run/control_thread.h"
#include "master/run/epochs.h"
#include "master/run/once_order.h"
#include "master/run/orders.h"
#include "master/run/part.h"
#include "master/store/store.h"
#include "master/web/cluster_snapshot.h"

namespace loadfleet {

// What every run works with. All outlive the runs.
struct RunSurroundings {
  Registry& registry;
  Store& store;
  const Clock& clock;
  // To the control thread: the store calls back on its own.
  std::function<void(ControlThread::Work)> post;
};

// Owned by the control thread; shared with the store's callbacks, which find it gone or not.
class Run final : public std::enable_shared_from_this<Run> {
 public:
  using Snapshot = std::shared_ptr<const v1::RunSnapshot>;

  Run(std::string run_id, v1::Plan plan, Secrets secrets, std::vector<Share> shares,
      RunSurroundings surroundings);

  // Commits the run, then has the agents prepare. `accepted` is called once: with an error when the
  // store failed or took longer than limits::kAcceptTime; then nothing begins, however late the
  // commit.
  using Accepted = std::function<void(const absl::Status&)>;
  void Begin(Accepted accepted);
  // Ends a run that is not accepted yet.
  void GiveUp(const std::string& why);

  // What the agents say. Whoever is not a participant is ignored.
  void OnHeartbeat(const AgentRecord& agent);
  void OnPrepared(const AgentRecord& agent, const v1::Prepared& prepared);
  void OnOnceDone(const AgentRecord& agent, const v1::OnceDone& done);
  void OnAdjusted(const AgentRecord& agent, const v1::Adjusted& adjusted);
  void OnAgentBack(const AgentRecord& agent);  // on a new stream: orders may have been lost
  // It starts nothing more, and is not waited for.
  void OnAgentLost(const std::string& agent_id, uint64_t incarnation, const std::string& why);
  // It starts nothing more; what it has measured is still to come.
  void OnGoodbye(const AgentRecord& agent, const std::string& why);
  // Whether it has yet to deliver something.
  bool Expects(const AgentRecord& agent) const;
  // Whether an agent that has come now may have a share, and that it is here.
  bool TakesMore() const;
  void Join(const Participant& participant);
  // After any of these, once all that came together is told: the load follows.
  void Rebalance();
  // `stream` delivers the next window when this one has found its way.
  void OnWindow(const std::shared_ptr<WindowStream>& stream, const v1::Window& window);
  void OnSummary(const std::shared_ptr<WindowStream>& stream, const v1::FinalSummary& summary);

  // Ends the load now; what is in flight has the plan's graceful stop. False when there was nothing
  // left to stop.
  bool Stop(const std::string& reason);

  // For deadlines: NextWake is on Clock::Now's scale. OnTime may be called at any time.
  Nanos NextWake() const;
  void OnTime();

  bool ended() const { return state_ == v1::RUN_STATE_ENDED; }
  const std::string& id() const { return run_id_; }
  const v1::Plan& plan() const { return plan_; }  // as it may be shown
  v1::RunState state() const { return state_; }
  const RunResults& results() const { return results_; }

  // Immutable; the last one of an ended run has the report.
  Snapshot MakeSnapshot() const;
  RunMetrics MakeMetrics() const;
  void FillLevels(uint64_t incarnation, AgentSnapshot* agent) const;  // what is in flight there
  // Overwrites what the store cannot know of a run that has not ended.
  void FillEntry(v1::RunEntry* entry) const;

 private:
  Part* Find(const std::string& agent_id, uint64_t incarnation);
  void OrderPrepare(const Part& part);
  void OrderStop(const Part& part);
  void Note(const std::string& what);
  void AddEvent(Nanos at, const std::string& what);

  // Agents that come and go while it runs, in attendance.cc.
  void MarkLost(Part& part, const std::string& why);
  void MarkGone(Part& part);
  void TakeBack(Part& part);
  bool MayEndEarly() const;
  bool MayTakeLoad(const Part& part) const;
  bool DoubtsItself();
  void Redistribute();
  void ShareOut();
  void OnJoinerPrepared(Part& part, const v1::Prepared& prepared);
  void Dismiss(Part& part, const std::string& why);
  void DismissLate();

  void OnCommittedAtFirst(const absl::Status& status);
  Nanos PrepareTime() const;
  void PrepareAll();

  // What is done once, in setup_and_teardown.cc.
  std::vector<Participant> Doers() const;
  void BeginSetup();
  void EndSetup(const v1::OnceDone& done);
  bool TeardownGoesOn();
  void GiveTeardown();
  void EndTeardown(const std::string& failure);
  bool IsInTeardown(const std::string& agent_id, uint64_t incarnation) const;
  void OnOnceAgentLost(const std::string& why);
  void OnOnceTime();

  void StartWhenReady();
  void OnStartCommitted();
  StoredRun Stored() const;

  // What agents deliver, in deliveries.cc.
  Part* Countable(const std::shared_ptr<WindowStream>& stream, const v1::WindowKey& key,
                  bool summary);
  void Receive(Part& part, const std::shared_ptr<WindowStream>& stream, const v1::WindowKey& key,
               bool summary, absl::StatusOr<RunResults::Applied> applied);
  void OnCommitted(const std::string& agent_id, uint64_t incarnation, uint64_t seq, bool summary);
  void Acknowledge(const Part& part);
  void Quarantine(Part& part, const std::string& why);
  void Delivering(Part& part, const std::shared_ptr<WindowStream>& stream);

  void StopLoad(const std::string& reason, bool aborted);
  void ObeyThresholds();
  void FinishWhenComplete();
  Nanos EndedByItself() const;
  void WriteReport();
  void EndWhenReleased();
  Nanos Elapsed() const;  // since T0, at most to the end of the load; 0 before
  Nanos RunTime() const { return with_.clock.Now() - t0_; }  // once T0 is set

  const std::string run_id_;
  const v1::Plan plan_;   // as it may be shown
  v1::Plan agents_plan_;  // as it is; with what setup has captured
  const Secrets secrets_;
  const RunSurroundings with_;
  Orders orders_;
  RunResults results_;
  std::map<Part::Key, Part> parts_;
  Epochs epochs_;
  // Somebody came or went, and the load has not followed yet.
  bool unbalanced_ = false;
  // More than half of the agents seem to be lost, which may be the master's own doing: until when
  // it waits for them. Clock::Now's scale.
  std::optional<Nanos> doubts_until_;
  Accepted accepted_;  // until it has been called
  v1::RunState state_ = v1::RUN_STATE_PREPARING;
  Nanos deadline_;  // of the present state
  Nanos t0_ = 0;    // of the monotonic clock
  int64_t started_at_ms_ = 0;
  Nanos load_ended_ = 0;  // elapsed when the load ended early
  bool start_committed_ = false;
  bool stopping_ = false;
  bool aborted_ = false;
  bool report_saved_ = false;
  std::optional<OnceOrder> once_;  // setup or teardown, while it lasts
  bool setup_done_ = false;
  bool teardown_over_ = false;
  std::vector<std::string> reasons_;
  std::vector<std::string> notes_;
  std::vector<v1::RunEvent> events_;
  std::shared_ptr<const v1::Report> report_;
};

}  // namespace loadfleet
