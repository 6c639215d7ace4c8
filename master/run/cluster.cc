#include "master/run/cluster.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/limits.h"
#include "common/plan_shape.h"
#include "common/protocol.h"
#include "master/admission/admission.h"
#include "master/partition/partition.h"

namespace loadfleet {
namespace {

constexpr Nanos kPublishEvery = kSecond;
// So that a scrape and a late watcher still find a run that has just ended.
constexpr size_t kEndedKept = 4;

std::string RunId(uint64_t number) {
  return absl::StrFormat("r-%04d", number);
}

}  // namespace

Cluster::Cluster(Store& store, const Clock& clock, std::function<void(ControlThread::Work)> post,
                 DataFiles* data)
    : store_(store),
      clock_(clock),
      post_(std::move(post)),
      data_(data),
      registry_(clock),
      published_(std::make_shared<const ClusterSnapshot>()) {}

Cluster::~Cluster() = default;

absl::Status Cluster::Recover() {
  auto number = store_.NextRunNumber();
  if (!number.ok()) return number.status();
  next_number_ = *number;
  auto unfinished = store_.UnfinishedRuns();
  if (!unfinished.ok()) return unfinished.status();
  for (const StoredRun& stored : *unfinished) {
    spdlog::warn("run {}: was unfinished when the master ended; it is aborted", stored.run_id);
    RunEnding ending;
    ending.started_at_ms = stored.started_at_ms;
    ending.aborted = true;
    ending.reasons = {"the master was restarted"};
    store_.SaveReport(RunResults(stored.run_id, stored.plan).MakeReport(ending),
                      [id = stored.run_id](const absl::Status& status) {
                        if (!status.ok()) {
                          spdlog::error("run {}: its end is not stored: {}", id,
                                        std::string(status.message()));
                        }
                      });
  }
  return absl::OkStatus();
}

// --- agents ---

void Cluster::OnRegister(const std::shared_ptr<ControlStream>& stream, v1::Register registration,
                         std::string peer) {
  const std::string id = registration.agent_id();
  const AgentRecord* known = registry_.Find(id);
  const uint64_t old_incarnation = known == nullptr ? 0 : known->incarnation();
  Run* const old_run = known == nullptr ? nullptr : RunOf(*known);
  const absl::Status status = registry_.Register(std::move(registration), peer, stream);
  v1::MasterMessage message;
  if (!status.ok()) {
    spdlog::warn("agent {} from {} is refused: {}", id, peer, std::string(status.message()));
    message.mutable_refused()->set_reason(std::string(status.message()));
    stream->Send(std::move(message));
    stream->End();
    return;
  }
  v1::Registered& registered = *message.mutable_registered();
  registered.mutable_protocol()->set_major(kProtocolMajor);
  registered.mutable_protocol()->set_minor(kProtocolMinor);
  registered.set_lease_ns(limits::kLease);
  registered.set_heartbeat_interval_ns(limits::kHeartbeatInterval);
  stream->Send(std::move(message));
  const AgentRecord& agent = *registry_.Find(id);
  spdlog::info("agent {} from {}: registered", id, peer);
  if (old_run != nullptr && old_incarnation != agent.incarnation()) {
    old_run->OnAgentLost(id, old_incarnation, "its process was started anew");
    Settle(*old_run);
  }
  if (!agent.reported_run.empty() && agent.reported_run != agent.run_id) {
    TellToStop(agent, agent.reported_run, "the master does not know this run as this agent's");
  }
  if (Run* run = RunOf(agent)) {
    run->OnAgentBack(agent);
    Settle(*run);
  }
}

void Cluster::OnHeartbeat(const ControlStream* stream, const v1::Heartbeat& heartbeat,
                          Nanos heard_at) {
  registry_.Heartbeat(stream, heartbeat, heard_at);
  AgentRecord* agent = registry_.FindByStream(stream);
  if (agent == nullptr) return;
  if (Run* run = RunOf(*agent)) {
    run->OnHeartbeat(*agent);
    Settle(*run);
  } else {
    OfferToJoin(*agent);
  }
}

void Cluster::OfferToJoin(AgentRecord& agent) {
  for (auto& [number, entry] : runs_) {
    Run& run = *entry.run;
    const std::optional<Participant> joiner =
        run.TakesMore() ? AdmitOne(run.plan(), agent) : std::nullopt;
    if (!joiner) continue;
    agent.run_id = run.id();
    return run.Join(*joiner);
  }
}

void Cluster::OnAdjusted(const ControlStream* stream, const v1::Adjusted& adjusted) {
  const AgentRecord* agent = registry_.FindByStream(stream);
  Run* run = Find(adjusted.run_id());
  if (agent == nullptr || run == nullptr) return;
  run->OnAdjusted(*agent, adjusted);
  Settle(*run);
}

void Cluster::OnPrepared(const ControlStream* stream, const v1::Prepared& prepared) {
  const AgentRecord* agent = registry_.FindByStream(stream);
  Run* run = Find(prepared.run_id());
  if (agent == nullptr || run == nullptr) return;
  run->OnPrepared(*agent, prepared);
  Settle(*run);
}

void Cluster::OnOnceDone(const ControlStream* stream, const v1::OnceDone& done) {
  const AgentRecord* agent = registry_.FindByStream(stream);
  if (agent == nullptr) return;
  if (Run* run = Find(done.run_id())) {
    run->OnOnceDone(*agent, done);
    Settle(*run);
  }
  for (const auto& session : once_) {
    if (session->id() == done.run_id()) session->OnOnceDone(*agent, done);
  }
  SettleOnce();
}

void Cluster::OnGoodbye(const ControlStream* stream, const v1::Goodbye& goodbye) {
  const AgentRecord* agent = registry_.FindByStream(stream);
  if (agent == nullptr) return;
  Run* run = RunOf(*agent);
  agent = registry_.Goodbye(stream, run != nullptr && run->Expects(*agent));
  spdlog::info("agent {}: leaves: {}", agent->id(), goodbye.reason());
  if (run != nullptr) {
    run->OnGoodbye(*agent, absl::StrCat("it left: ", goodbye.reason()));
    Settle(*run);
  }
  for (const auto& session : once_) {
    session->OnAgentLost(agent->id(), agent->incarnation(), "it left");
  }
  SettleOnce();
}

void Cluster::OnControlEnded(const ControlStream* stream) {
  const AgentRecord* agent = registry_.FindByStream(stream);
  registry_.Disconnected(stream);
  OnLeft(agent);
}

void Cluster::OnLeft(const AgentRecord* agent) {
  if (agent == nullptr || agent->health != v1::AGENT_HEALTH_LOST) return;
  if (Run* run = RunOf(*agent)) {
    run->OnAgentLost(agent->id(), agent->incarnation(), "it left before its last windows were in");
    Settle(*run);
  }
}

void Cluster::OnWindowsOpened(const std::shared_ptr<WindowStream>& stream,
                              const v1::WindowHello& hello) {
  AgentRecord* agent = registry_.Find(hello.agent_id());
  if (agent == nullptr || agent->incarnation() != hello.incarnation() ||
      agent->control == nullptr) {
    stream->End(absl::FailedPreconditionError("this agent is not registered"));
    return;
  }
  if (agent->windows != nullptr) agent->windows->End(absl::AbortedError("replaced by a newer one"));
  agent->windows = stream;
  stream->ReadNext();
}

void Cluster::OnWindow(WindowStream* stream, const v1::Window& window) {
  const AgentRecord* sender = SenderOf(stream, window.key());
  if (sender == nullptr) return;
  Run* run = Find(window.key().run_id());
  if (run == nullptr || run->ended()) return TakeUncounted(*stream, window.key(), false);
  run->OnWindow(sender->windows, window);
  Settle(*run);
}

void Cluster::OnSummary(WindowStream* stream, const v1::FinalSummary& summary) {
  const AgentRecord* sender = SenderOf(stream, summary.key());
  if (sender == nullptr) return;
  Run* run = Find(summary.key().run_id());
  if (run == nullptr || run->ended()) return TakeUncounted(*stream, summary.key(), true);
  run->OnSummary(sender->windows, summary);
  Settle(*run);
}

const AgentRecord* Cluster::SenderOf(WindowStream* stream, const v1::WindowKey& key) {
  const AgentRecord* agent = registry_.FindByStream(stream);
  if (agent == nullptr) {
    stream->End(absl::FailedPreconditionError("no hello"));
    return nullptr;
  }
  if (key.agent_id() != agent->id() || key.incarnation() != agent->incarnation()) {
    stream->End(absl::InvalidArgumentError("a window of another agent"));
    return nullptr;
  }
  return agent;
}

void Cluster::OnWindowsEnded(const WindowStream* stream) {
  AgentRecord* agent = registry_.FindByStream(stream);
  if (agent != nullptr) agent->windows = nullptr;
  OnLeft(agent);
}

void Cluster::TellToStop(const AgentRecord& agent, const std::string& run_id,
                         const std::string& reason) {
  v1::MasterMessage message;
  message.mutable_stop()->set_run_id(run_id);
  message.mutable_stop()->set_reason(reason);
  registry_.Send(agent.id(), std::move(message));
}

// --- people ---

void Cluster::Submit(v1::Plan plan, std::function<void(absl::StatusOr<std::string>)> reply,
                     Secrets secrets) {
  if (closing_) return reply(absl::FailedPreconditionError("the master is shutting down"));
  if (!store_.healthy()) {
    return reply(absl::FailedPreconditionError(
        "the master's run store cannot commit: its log says why, its /healthz when it can again"));
  }
  absl::StatusOr<std::vector<Participant>> participants = Admit(plan, registry_);
  if (!participants.ok()) return reply(participants.status());
  const uint64_t number = next_number_++;
  const std::string run_id = RunId(number);
  for (const Participant& participant : *participants) {
    registry_.Find(participant.agent_id)->run_id = run_id;
  }
  spdlog::info("run {}: submitted, {} agents", run_id, participants->size());
  auto run =
      std::make_shared<Run>(run_id, std::move(plan), std::move(secrets), Partition(*participants),
                            RunSurroundings{registry_, store_, clock_, post_});
  runs_[number].run = run;
  run->Begin([run_id, reply = std::move(reply)](const absl::Status& status) {
    if (status.ok()) {
      reply(run_id);
    } else {
      reply(status);
    }
  });
}

void Cluster::DoOnce(v1::Plan plan, Secrets secrets, OnceSession::Listener listener) {
  if (closing_) {
    return listener.ended(absl::FailedPreconditionError("the master is shutting down"));
  }
  absl::StatusOr<std::vector<Participant>> participants = Admit(plan, registry_);
  if (!participants.ok()) return listener.ended(participants.status());
  const std::string id = absl::StrCat("once-", next_once_++);
  registry_.Find(participants->front().agent_id)->run_id = id;
  once_.push_back(std::make_unique<OnceSession>(id, std::move(plan), std::move(secrets),
                                                participants->front(), registry_, clock_,
                                                std::move(listener)));
  once_.back()->Begin();
  SettleOnce();
}

void Cluster::Release(const std::string& run_id) {
  for (const auto& [id, agent] : registry_.agents()) {
    if (agent.run_id == run_id) registry_.Find(id)->run_id.clear();
  }
}

// Releases the agents of those that have ended.
void Cluster::SettleOnce() {
  std::erase_if(once_, [this](const auto& session) {
    if (!session->ended()) return false;
    Release(session->id());
    return true;
  });
}

absl::StatusOr<std::vector<std::string>> Cluster::Stop(const v1::StopRequest& request) {
  std::vector<std::string> stopped;
  const std::string reason = request.reason().empty() ? "stopped" : request.reason();
  for (auto it = runs_.rbegin(); it != runs_.rend(); ++it) {
    Run& run = *it->second.run;
    const bool meant = request.all() || request.run_id() == run.id() ||
                       (request.run_id().empty() && stopped.empty());
    if (!meant || !run.Stop(reason)) continue;
    stopped.push_back(run.id());
  }
  SettleAll();
  if (stopped.empty() && !request.all()) {
    return absl::NotFoundError(request.run_id().empty()
                                   ? std::string("no run is in progress")
                                   : absl::StrCat("run ", request.run_id(), " is not in progress"));
  }
  return stopped;
}

bool Cluster::Watch(const std::string& run_id, Watcher watcher) {
  for (auto& [number, entry] : runs_) {
    if (entry.run->id() != run_id) continue;
    if (watcher(entry.run->MakeSnapshot()) && !entry.run->ended()) {
      entry.watchers.push_back(std::move(watcher));
    }
    return true;
  }
  return false;
}

v1::ListAgentsReply Cluster::ListAgents() const {
  v1::ListAgentsReply reply;
  for (const auto& [id, agent] : registry_.agents()) {
    *reply.add_agents() = registry_.Entry(agent);
  }
  return reply;
}

void Cluster::UpdateEntries(v1::ListRunsReply* entries) const {
  for (v1::RunEntry& entry : *entries->mutable_runs()) {
    const Run* run = Find(entry.run_id());
    if (run != nullptr && !run->ended()) run->FillEntry(&entry);
  }
}

void Cluster::Close() {
  closing_ = true;
  for (auto& [number, entry] : runs_) entry.run->GiveUp("the master is shutting down");
  for (const auto& session : once_) session->GiveUp("the master is shutting down");
  SettleOnce();
}

// --- time ---

Nanos Cluster::NextWake() const {
  const Nanos now = clock_.Now();
  Nanos wake =
      std::min(next_publication_, now + (registry_.NextJudgement() - clock_.NowWithSuspend()));
  for (const auto& [number, entry] : runs_) wake = std::min(wake, entry.run->NextWake());
  for (const auto& session : once_) wake = std::min(wake, session->NextWake());
  return wake;
}

void Cluster::OnTime() {
  if (clock_.NowWithSuspend() >= registry_.NextJudgement()) {
    for (const std::string& id : registry_.Judge()) {
      const AgentRecord& agent = *registry_.Find(id);
      spdlog::warn("agent {}: lost", id);
      if (Run* run = RunOf(agent)) {
        run->OnAgentLost(id, agent.incarnation(), "its heartbeats stopped");
      }
      for (const auto& session : once_) {
        session->OnAgentLost(id, agent.incarnation(), "its heartbeats stopped");
      }
    }
  }
  for (auto& [number, entry] : runs_) entry.run->OnTime();
  for (const auto& session : once_) session->OnTime();
  SettleOnce();
  SettleAll();
  if (clock_.Now() >= next_publication_) {
    next_publication_ = clock_.Now() + kPublishEvery;
    for (auto& [number, entry] : runs_) {
      if (!entry.run->ended()) ShowWatchers(entry);
    }
    Publish();
    if (data_ != nullptr) TrimData();
  }
}

void Cluster::TrimData() {
  std::set<std::string> needed;
  const auto need = [&needed](const v1::Plan& plan) {
    for (const v1::Feeder& feeder : plan.feeders()) needed.insert(feeder.file().sha256());
  };
  for (const auto& [number, entry] : runs_) {
    if (!entry.run->ended()) need(entry.run->plan());
  }
  for (const auto& session : once_) need(session->plan());
  data_->Trim(needed);
}

void Cluster::SettleAll() {
  for (auto& [number, entry] : runs_) Settle(entry);
  const auto ended = [](const auto& numbered) { return numbered.second.run->ended(); };
  auto surplus = std::count_if(runs_.begin(), runs_.end(), ended);
  for (auto it = runs_.begin(); surplus > static_cast<std::ptrdiff_t>(kEndedKept);) {
    if (ended(*it)) {
      it = runs_.erase(it);
      --surplus;
    } else {
      ++it;
    }
  }
}

void Cluster::Settle(Run& run) {
  for (auto& [number, entry] : runs_) {
    if (entry.run.get() == &run) return Settle(entry);
  }
}

void Cluster::Settle(Entry& entry) {
  Run& run = *entry.run;
  run.Rebalance();
  if (run.state() == entry.shown) return;
  entry.shown = run.state();
  if (run.ended()) Release(run.id());
  ShowWatchers(entry);
  if (run.ended()) {
    entry.watchers.clear();
    Publish();
  }
}

void Cluster::ShowWatchers(Entry& entry) {
  if (entry.watchers.empty()) return;
  const Run::Snapshot snapshot = entry.run->MakeSnapshot();
  std::erase_if(entry.watchers, [&snapshot](const Watcher& watcher) { return !watcher(snapshot); });
}

void Cluster::Publish() {
  auto cluster = std::make_shared<ClusterSnapshot>();
  cluster->store_healthy = store_.healthy();
  for (const auto& [id, agent] : registry_.agents()) {
    AgentSnapshot shown;
    shown.name = id;
    shown.health = agent.health;
    shown.heartbeat_age = clock_.NowWithSuspend() - agent.heard_at;
    shown.offset_bound = agent.offset_bound;
    if (const Run* run = RunOf(agent)) run->FillLevels(agent.incarnation(), &shown);
    cluster->agents.push_back(std::move(shown));
  }
  for (const auto& [number, entry] : runs_) cluster->runs.push_back(entry.run->MakeMetrics());
  absl::MutexLock lock(&mutex_);
  published_ = std::move(cluster);
}

std::shared_ptr<const ClusterSnapshot> Cluster::Published() const {
  absl::MutexLock lock(&mutex_);
  return published_;
}

Run* Cluster::Find(const std::string& run_id) const {
  for (const auto& [number, entry] : runs_) {
    if (entry.run->id() == run_id) return entry.run.get();
  }
  return nullptr;
}

Run* Cluster::RunOf(const AgentRecord& agent) const {
  return agent.run_id.empty() ? nullptr : Find(agent.run_id);
}

}  // namespace loadfleet
