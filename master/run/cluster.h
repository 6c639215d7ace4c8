// The cluster as the master sees it: the agents and the runs. Everything that happens to either
// comes through here, on the control thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/clock.h"
#include "loadfleet/v1/api.pb.h"
#include "master/data/data_files.h"
#include "master/fleet/registry.h"
#include "master/run/control_thread.h"
#include "master/run/once_session.h"
#include "master/run/run.h"
#include "master/store/store.h"
#include "master/web/cluster_snapshot.h"

namespace loadfleet {

// Everything but Published() is the control thread's.
class Cluster final : public Timed {
 public:
  // Gets every snapshot of a run; the last one has the report. False: send no more.
  using Watcher = std::function<bool(const Run::Snapshot&)>;

  // All outlive *this; `post` reaches the control thread. `data`: of the runs' feeders; null: they
  // have none.
  Cluster(Store& store, const Clock& clock, std::function<void(ControlThread::Work)> post,
          DataFiles* data = nullptr);
  ~Cluster() override;

  // Before the thread starts. What an earlier master left unfinished is aborted, with a report that
  // says so.
  absl::Status Recover();

  // --- agents ---
  void OnRegister(const std::shared_ptr<ControlStream>& stream, v1::Register registration,
                  std::string peer);
  void OnHeartbeat(const ControlStream* stream, const v1::Heartbeat& heartbeat, Nanos heard_at);
  void OnPrepared(const ControlStream* stream, const v1::Prepared& prepared);
  void OnAdjusted(const ControlStream* stream, const v1::Adjusted& adjusted);
  void OnOnceDone(const ControlStream* stream, const v1::OnceDone& done);
  void OnGoodbye(const ControlStream* stream, const v1::Goodbye& goodbye);
  void OnControlEnded(const ControlStream* stream);
  void OnWindowsOpened(const std::shared_ptr<WindowStream>& stream, const v1::WindowHello& hello);
  void OnWindow(WindowStream* stream, const v1::Window& window);
  void OnSummary(WindowStream* stream, const v1::FinalSummary& summary);
  void OnWindowsEnded(const WindowStream* stream);

  // --- people ---
  // `reply` gets the run's id once the run is committed. FAILED_PRECONDITION, RESOURCE_EXHAUSTED:
  // see Admit; FAILED_PRECONDITION also when the store does not take it, and nothing begins.
  // What `secrets` hides is seen by the agents alone.
  void Submit(v1::Plan plan, std::function<void(absl::StatusOr<std::string>)> reply,
              Secrets secrets = {});
  // Every flow once, on one agent, and no run of it. The listener hears of its end in any case,
  // with the errors of Submit when it does not begin.
  void DoOnce(v1::Plan plan, Secrets secrets, OnceSession::Listener listener);
  // The runs told to stop. NOT_FOUND: no such run lives.
  absl::StatusOr<std::vector<std::string>> Stop(const v1::StopRequest& request);
  // False: the run is not among the live and the newest ended ones; look into the store.
  bool Watch(const std::string& run_id, Watcher watcher);
  v1::ListAgentsReply ListAgents() const;
  // Overwrites what the store cannot know of live runs.
  void UpdateEntries(v1::ListRunsReply* entries) const;

  // Answers whoever still waits, and refuses what comes from now on. Runs that have begun go on.
  void Close();

  // --- time ---
  Nanos NextWake() const override;
  void OnTime() override;

  // Thread-safe: what the exporter shows, at most a second old.
  std::shared_ptr<const ClusterSnapshot> Published() const;

 private:
  struct Entry {
    std::shared_ptr<Run> run;
    v1::RunState shown = v1::RUN_STATE_UNSPECIFIED;  // to watchers
    std::vector<Watcher> watchers;
  };

  Run* Find(const std::string& run_id) const;
  Run* RunOf(const AgentRecord& agent) const;  // that the master gave it
  // Null, and the stream ended, when the key is not of the agent that the stream is of.
  const AgentRecord* SenderOf(WindowStream* stream, const v1::WindowKey& key);
  void TellToStop(const AgentRecord& agent, const std::string& run_id, const std::string& reason);
  // After anything that may have changed a run's state: releases its agents, tells its watchers.
  void Settle(Run& run);
  void Settle(Entry& entry);
  void SettleAll();
  void SettleOnce();
  // To a run that takes more agents, if it is free.
  void OfferToJoin(AgentRecord& agent);
  // It has said goodbye, and no stream is left for what it still had.
  void OnLeft(const AgentRecord* agent);
  // The agents that have it are free again.
  void Release(const std::string& run_id);
  void ShowWatchers(Entry& entry);
  void Publish();
  void TrimData();

  Store& store_;
  const Clock& clock_;
  const std::function<void(ControlThread::Work)> post_;
  DataFiles* const data_;
  Registry registry_;
  std::map<uint64_t, Entry> runs_;  // by number: live ones, and a few that ended last
  uint64_t next_number_ = 1;
  std::vector<std::unique_ptr<OnceSession>> once_;  // that have not ended
  uint64_t next_once_ = 1;
  bool closing_ = false;
  Nanos next_publication_ = 0;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const ClusterSnapshot> published_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace loadfleet
