// The conversation with the master: registration, heartbeats, lease, orders, and the windows that
// go back.
//
// ARCHITECTURE.md, "The conversation between agent and master", has the rules. Everything is
// decided on one thread; gRPC's threads, the reporter and the thread that prepares only post to its
// mailbox.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "agent/agent.h"
#include "agent/engine/engine.h"
#include "agent/engine/once_run.h"
#include "agent/link/bidi_client.h"
#include "agent/link/clock_offset.h"
#include "agent/link/feeder_fetch.h"
#include "agent/link/load_ceiling.h"
#include "agent/link/window_spool.h"
#include "common/mailbox.h"
#include "loadfleet/v1/fleet.grpc.pb.h"

namespace loadfleet {

struct LinkOptions {
  std::string agent_id;
  uint64_t incarnation = 0;
  std::string boot_id;
  std::map<std::string, std::string> labels;
  uint32_t weight = 1;
  uint64_t descriptors = 0;  // that this process may have
  NetworkPolicy network;
  LoadCeiling ceiling;
};

// What the agent's windows say of the agent itself.
// Of the newest one while a run lasts, otherwise 0.
struct LinkLevels {
  double busiest_worker_cpu = 0;  // 0..1
  Nanos loop_lag_max = 0;
  uint64_t open_connections = 0;
};

// Owns its thread and its streams. The engine must outlive it.
class Link {
 public:
  Link(LinkOptions options, Engine& engine, MasterChannelFactory channels, const Clock& clock);
  // Ends now.
  ~Link();

  // Stops the run, delivers what is left of it, says goodbye. Blocks until done, or until `grace`
  // and a few seconds for the delivery have passed.
  void Drain(Nanos grace);

  // What the agent's metrics show. Thread-safe.
  bool registered() const { return registered_.load(std::memory_order_relaxed); }
  v1::AgentState state() const { return state_.load(std::memory_order_relaxed); }
  size_t unacknowledged_windows() const { return unacknowledged_.load(std::memory_order_relaxed); }
  LinkLevels levels() const {
    absl::MutexLock lock(&levels_mutex_);
    return levels_;
  }

 private:
  using Control = BidiClient<v1::AgentMessage, v1::MasterMessage>;
  using Windows = BidiClient<v1::WindowMessage, v1::WindowAck>;

  // Events. `session` tells a stream that has been given up from the one in use.
  struct ControlRead {
    uint64_t session;
    v1::MasterMessage message;
    Nanos at;
  };
  struct ControlDone {
    uint64_t session;
    grpc::Status status;
  };
  struct AckRead {
    uint64_t session;
    v1::WindowAck ack;
  };
  struct WindowsDone {
    uint64_t session;
  };
  struct PrepareDone {
    std::string run_id;
    uint64_t epoch;
    absl::StatusOr<std::unique_ptr<RunPlan>> plan;
  };
  struct OnceEnded {
    v1::OnceDone done;
  };
  struct EngineReady {
    std::string run_id;
    uint64_t epoch;
  };
  struct AdjustDone {
    std::string run_id;
    uint64_t epoch;
    Nanos effective_from;
  };
  struct DrainAsked {
    Nanos grace;
  };
  struct Quit {};
  using Event =
      std::variant<ControlRead, ControlDone, AckRead, WindowsDone, PrepareDone, EngineReady,
                   AdjustDone, OnceEnded, v1::Window, v1::FinalSummary, DrainAsked, Quit>;

  void Loop();
  Nanos NextWake() const;
  void OnTime(Nanos now);

  void Connect();
  void OpenWindows();
  void Disconnected(const std::string& why, Nanos retry_after);

  void Handle(ControlRead event);
  void Handle(const ControlDone& event);
  void Handle(const AckRead& event);
  void Handle(WindowsDone event);
  void Handle(PrepareDone event);
  void Handle(OnceEnded event);
  void Handle(EngineReady event);
  void Handle(AdjustDone event);
  void OnPrepared(const absl::Status& status);
  void Handle(v1::Window window);
  void Handle(v1::FinalSummary summary);
  void Handle(DrainAsked event);
  void Handle(Quit event);

  void OnRegistered(const v1::Registered& registered);
  void OnHeartbeatAck(const v1::HeartbeatAck& ack, Nanos at);
  void OnPrepare(v1::Prepare prepare);
  // On the thread that prepares.
  absl::StatusOr<std::unique_ptr<RunPlan>> Prepared(const v1::Prepare& order) const;
  void OnStart(const v1::Start& start);
  void OnAdjust(v1::Adjust adjust);
  void OnStop(const v1::Stop& stop);
  void OnOnce(v1::RunOnce order);
  void BeginOnce(v1::RunOnce order);
  void SendOnceDone(v1::OnceDone done);
  // It holds no run any more.
  void Released();

  void SendRegister();
  void SendHeartbeat(Nanos now);
  void SendAdjusted(uint64_t epoch, Nanos effective_from);
  void SendPrepared(const std::string& run_id, uint64_t epoch, const absl::Status& status);
  void FinishDrainIfDone();
  // `newest`: nullptr when no run lasts.
  void ShowLevels(const v1::Window* newest);

  const LinkOptions options_;
  Engine& engine_;
  const MasterChannelFactory channels_;
  const Clock& clock_;
  Mailbox<Event> mailbox_;

  // The thread's.
  uint64_t session_ = 0;
  std::unique_ptr<Control> control_;
  std::unique_ptr<Windows> windows_;
  Nanos connect_at_ = 0;
  Nanos retry_after_ = 0;
  std::string away_because_;  // the last reason that was told; empty: it is here
  Nanos lease_length_ = 0;
  Nanos heartbeat_interval_ = 0;
  Nanos next_heartbeat_ = kNever;
  uint64_t heartbeat_number_ = 0;
  std::deque<std::pair<uint64_t, Nanos>>
      unanswered_;  // heartbeats: number and send time with suspend
  ClockOffset offset_;
  std::string run_id_;          // what it works on, or empty
  uint64_t epoch_ = 0;          // the newest that all workers have taken up
  uint64_t ordered_epoch_ = 0;  // the newest that they were told
  // By epoch that was taken up: from when on what it lost is free. Each order is answered as it was
  // the first time: another answer could give a slot two owners.
  std::map<uint64_t, Nanos> adjusted_;
  bool stop_when_prepared_ = false;
  std::optional<v1::Start> early_start_;  // came before the master's clock was measured
  std::deque<v1::Adjust> early_adjusts_;  // came before the start
  WindowSpool spool_;
  std::shared_ptr<FeederFetch> fetching_;  // of the plan that is being prepared, or was last
  std::thread preparing_;
  std::unique_ptr<OnceRun> once_;  // what is done outside of every run; null: nothing
  std::thread doing_once_;
  std::optional<v1::RunOnce> next_once_;          // when the run that it is of has been delivered
  std::optional<v1::OnceDone> unsent_once_done_;  // the master was away
  bool draining_ = false;
  Nanos drain_deadline_ = kNever;
  bool quit_ = false;

  std::atomic<bool> registered_{false};
  std::atomic<v1::AgentState> state_{v1::AGENT_STATE_IDLE};
  std::atomic<size_t> unacknowledged_{0};
  mutable absl::Mutex levels_mutex_;
  LinkLevels levels_ ABSL_GUARDED_BY(levels_mutex_);
  absl::Notification drained_;
  std::thread thread_;
};

}  // namespace loadfleet
