#include "agent/link/link.h"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/net/rpc_status.h"
#include "common/protocol.h"
#include "common/stats/histogram.h"

namespace loadfleet {
namespace {

constexpr Nanos kFirstRetry = 100 * kMillisecond;
constexpr Nanos kLastRetry = 5 * kSecond;
constexpr uint64_t kFirstProbes = 8;  // clock probes right after registering
constexpr Nanos kDeliveryTime = 5 * kSecond;

}  // namespace

Link::Link(LinkOptions options, Engine& engine, MasterChannelFactory channels, const Clock& clock)
    : options_(std::move(options)), engine_(engine), channels_(std::move(channels)), clock_(clock) {
  thread_ = std::thread([this] { Loop(); });
}

Link::~Link() {
  mailbox_.Post(Quit{});
  thread_.join();
}

void Link::Drain(Nanos grace) {
  mailbox_.Post(DrainAsked{grace});
  drained_.WaitForNotification();
}

void Link::Loop() {
  Connect();
  while (!quit_) {
    if (auto event = mailbox_.Take(NextWake() - clock_.Now())) {
      std::visit([this](auto& e) { Handle(std::move(e)); }, *event);
    }
    OnTime(clock_.Now());
    unacknowledged_ = spool_.windows().size();
  }
  // Callbacks may still post while the streams end: nobody takes any more.
  mailbox_.Close();
  control_.reset();
  windows_.reset();
  if (fetching_ != nullptr) fetching_->Cancel();
  if (preparing_.joinable()) preparing_.join();
  if (once_ != nullptr) once_->Cancel();
  if (doing_once_.joinable()) doing_once_.join();
  engine_.Uninstall();
  if (!drained_.HasBeenNotified()) drained_.Notify();
}

Nanos Link::NextWake() const {
  return std::min({next_heartbeat_, connect_at_, drain_deadline_, clock_.Now() + 60 * kSecond});
}

void Link::OnTime(Nanos now) {
  if (now >= connect_at_) Connect();
  if (now >= next_heartbeat_) SendHeartbeat(now);
  if (now >= drain_deadline_) quit_ = true;
}

// --- the streams ---

void Link::Connect() {
  connect_at_ = kNever;
  const uint64_t session = ++session_;
  std::shared_ptr<v1::Fleet::Stub> stub = v1::Fleet::NewStub(channels_());
  control_ = std::make_unique<Control>(
      [stub](grpc::ClientContext* context, auto* reactor) {
        stub->async()->Control(context, reactor);
      },
      Control::Callbacks{[this, session](v1::MasterMessage message) {
                           mailbox_.Post(ControlRead{session, std::move(message), clock_.Now()});
                         },
                         [this, session, stub](grpc::Status status) {
                           mailbox_.Post(ControlDone{session, std::move(status)});
                         }});
  SendRegister();
}

void Link::OpenWindows() {
  const uint64_t session = session_;
  std::shared_ptr<v1::Fleet::Stub> stub = v1::Fleet::NewStub(channels_());
  windows_ = std::make_unique<Windows>(
      [stub](grpc::ClientContext* context, auto* reactor) {
        stub->async()->Windows(context, reactor);
      },
      Windows::Callbacks{
          [this, session](v1::WindowAck ack) {
            mailbox_.Post(AckRead{session, std::move(ack)});
          },
          [this, session, stub](const grpc::Status&) { mailbox_.Post(WindowsDone{session}); }});
  v1::WindowMessage hello;
  hello.mutable_hello()->set_agent_id(options_.agent_id);
  hello.mutable_hello()->set_incarnation(options_.incarnation);
  windows_->Write(std::move(hello));
  for (const v1::Window& window : spool_.windows()) {
    v1::WindowMessage message;
    *message.mutable_window() = window;
    windows_->Write(std::move(message));
  }
  if (spool_.summary()) {
    v1::WindowMessage message;
    *message.mutable_summary() = *spool_.summary();
    windows_->Write(std::move(message));
  }
}

void Link::Disconnected(const std::string& why, Nanos retry_after) {
  if (away_because_ != why) spdlog::warn("the master is away: {}", why);
  away_because_ = why;
  registered_ = false;
  next_heartbeat_ = kNever;
  unanswered_.clear();
  control_.reset();
  windows_.reset();
  retry_after_ = std::clamp(retry_after, kFirstRetry, kLastRetry);
  connect_at_ = clock_.Now() + retry_after_;
  if (draining_ && run_id_.empty()) quit_ = true;  // else the drain's deadline bounds the wait
}

void Link::Handle(const ControlDone& event) {
  if (event.session != session_) return;
  const grpc::StatusCode code = event.status.error_code();
  if (code == grpc::StatusCode::UNAUTHENTICATED || code == grpc::StatusCode::PERMISSION_DENIED) {
    return Disconnected(absl::StrCat("it refuses this agent: ", event.status.error_message()),
                        kLastRetry);
  }
  Disconnected(
      event.status.ok() ? "it ended the stream" : WhyUnreachable(event.status.error_message()),
      2 * retry_after_);
}

void Link::Handle(WindowsDone event) {
  if (event.session != session_ || !registered_) return;
  // One stream without the other is no use: both come back together, and what is unacknowledged is
  // sent again.
  control_->Cancel();
}

// --- what the master says ---

void Link::Handle(ControlRead event) {
  if (event.session != session_) return;
  v1::MasterMessage& message = event.message;
  switch (message.kind_case()) {
    case v1::MasterMessage::kRegistered:
      OnRegistered(message.registered());
      break;
    case v1::MasterMessage::kHeartbeatAck:
      OnHeartbeatAck(message.heartbeat_ack(), event.at);
      break;
    case v1::MasterMessage::kPrepare:
      OnPrepare(std::move(*message.mutable_prepare()));
      break;
    case v1::MasterMessage::kStart:
      OnStart(message.start());
      break;
    case v1::MasterMessage::kStop:
      OnStop(message.stop());
      break;
    case v1::MasterMessage::kRefused:
      spdlog::error("the master refuses this agent: {}", message.refused().reason());
      retry_after_ = kLastRetry;
      break;
    case v1::MasterMessage::kAdjust:
      OnAdjust(std::move(*message.mutable_adjust()));
      break;
    case v1::MasterMessage::kOnce:
      OnOnce(std::move(*message.mutable_once()));
      break;
    case v1::MasterMessage::KIND_NOT_SET:
      break;  // from a newer minor version
  }
}

void Link::OnRegistered(const v1::Registered& registered) {
  registered_ = true;
  away_because_.clear();
  retry_after_ = 0;
  lease_length_ = registered.lease_ns();
  heartbeat_interval_ = registered.heartbeat_interval_ns();
  offset_ = ClockOffset();  // another master has another clock
  heartbeat_number_ = 0;
  spdlog::info("registered as {}", options_.agent_id);
  SendHeartbeat(clock_.Now());
  OpenWindows();
  if (unsent_once_done_) SendOnceDone(*std::exchange(unsent_once_done_, std::nullopt));
  FinishDrainIfDone();
}

void Link::OnHeartbeatAck(const v1::HeartbeatAck& ack, Nanos at) {
  while (!unanswered_.empty() && unanswered_.front().first < ack.number()) unanswered_.pop_front();
  if (unanswered_.empty() || unanswered_.front().first != ack.number()) return;
  engine_.RenewLease(unanswered_.front().second + lease_length_);
  unanswered_.pop_front();
  offset_.Add(ack.agent_sent_ns(), ack.master_received_ns(), ack.master_sent_ns(), at);
  if (early_start_) OnStart(*std::exchange(early_start_, std::nullopt));
  if (heartbeat_number_ < kFirstProbes) SendHeartbeat(clock_.Now());
}

// --- what goes back ---

void Link::SendRegister() {
  v1::AgentMessage message;
  v1::Register& hello = *message.mutable_register_();
  hello.mutable_protocol()->set_major(kProtocolMajor);
  hello.mutable_protocol()->set_minor(kProtocolMinor);
  hello.set_histogram_layout(kHistogramLayout);
  hello.set_agent_id(options_.agent_id);
  hello.set_incarnation(options_.incarnation);
  hello.set_boot_id(options_.boot_id);
  hello.set_version(kVersion);
  hello.mutable_labels()->insert(options_.labels.begin(), options_.labels.end());
  hello.mutable_capacity()->set_workers(engine_.workers());
  hello.mutable_capacity()->set_weight(options_.weight);
  hello.mutable_capacity()->set_descriptors(options_.descriptors);
  hello.set_run_id(run_id_);
  hello.set_epoch(epoch_);
  control_->Write(std::move(message));
}

void Link::SendHeartbeat(Nanos now) {
  if (state_ == v1::AGENT_STATE_RUNNING && engine_.fenced()) state_ = v1::AGENT_STATE_FENCED;
  v1::AgentMessage message;
  v1::Heartbeat& heartbeat = *message.mutable_heartbeat();
  heartbeat.set_number(++heartbeat_number_);
  heartbeat.set_sent_ns(clock_.Now());
  if (offset_.known()) {
    heartbeat.set_offset_ns(offset_.offset());
    heartbeat.set_offset_bound_ns(offset_.bound());
  }
  heartbeat.set_run_id(run_id_);
  heartbeat.set_epoch(epoch_);
  heartbeat.set_state(state_);
  unanswered_.emplace_back(heartbeat_number_, clock_.NowWithSuspend());
  control_->Write(std::move(message));
  next_heartbeat_ = now + heartbeat_interval_;
}

void Link::SendAdjusted(uint64_t epoch, Nanos effective_from) {
  if (control_ == nullptr) return;
  v1::AgentMessage message;
  v1::Adjusted& adjusted = *message.mutable_adjusted();
  adjusted.set_run_id(run_id_);
  adjusted.set_epoch(epoch);
  adjusted.set_effective_from_ns(effective_from);
  control_->Write(std::move(message));
}

void Link::SendPrepared(const std::string& run_id, uint64_t epoch, const absl::Status& status) {
  if (control_ == nullptr) return;
  v1::AgentMessage message;
  v1::Prepared& prepared = *message.mutable_prepared();
  prepared.set_run_id(run_id);
  prepared.set_epoch(epoch);
  prepared.set_ready(status.ok());
  prepared.set_reason(std::string(status.message()));
  control_->Write(std::move(message));
}

void Link::Handle(v1::Window window) {
  if (windows_ != nullptr) {
    v1::WindowMessage message;
    *message.mutable_window() = window;
    windows_->Write(std::move(message));
  }
  spool_.Add(std::move(window));
  ShowLevels(&spool_.windows().back());
}

void Link::Handle(v1::FinalSummary summary) {
  state_ = v1::AGENT_STATE_FINISHING;
  spool_.SetSummary(std::move(summary));
  if (windows_ == nullptr) return;
  v1::WindowMessage message;
  *message.mutable_summary() = *spool_.summary();
  windows_->Write(std::move(message));
}

void Link::Handle(const AckRead& event) {
  if (event.session != session_ || event.ack.run_id() != run_id_ || run_id_.empty()) return;
  spool_.Acknowledge(event.ack.last_seq());
  if (!event.ack.summary() || !spool_.summary()) return;
  spdlog::info("run {}: delivered", run_id_);
  engine_.Uninstall();
  spool_.Clear();
  Released();
  ShowLevels(nullptr);
  if (registered_) SendHeartbeat(clock_.Now());  // free for the next plan, and says so at once
  FinishDrainIfDone();
}

void Link::ShowLevels(const v1::Window* newest) {
  absl::MutexLock lock(&levels_mutex_);
  levels_ = LinkLevels();
  if (newest == nullptr) return;
  const v1::GeneratorStats& generator = newest->generator();
  levels_.busiest_worker_cpu = generator.busiest_worker_cpu();
  levels_.loop_lag_max = static_cast<Nanos>(generator.loop_lag().max_us()) * kMicrosecond;
  levels_.open_connections = generator.open_connections();
}

// --- the end ---

void Link::Handle(DrainAsked event) {
  if (draining_) return;
  draining_ = true;
  drain_deadline_ = clock_.Now() + event.grace + kDeliveryTime;
  if (state_ == v1::AGENT_STATE_READY || state_ == v1::AGENT_STATE_RUNNING ||
      state_ == v1::AGENT_STATE_FENCED) {
    state_ = v1::AGENT_STATE_FINISHING;
    engine_.Stop(event.grace);
  }
  stop_when_prepared_ = true;
  if (fetching_ != nullptr) fetching_->Cancel();
  FinishDrainIfDone();
}

void Link::FinishDrainIfDone() {
  if (!draining_ || !run_id_.empty()) return;
  if (registered_) {
    v1::AgentMessage message;
    message.mutable_goodbye()->set_reason("drained");
    control_->Write(std::move(message));
    control_->FinishWriting();  // the master ends the stream once it has read the goodbye
  } else {
    quit_ = true;
  }
}

void Link::Handle(Quit) {
  quit_ = true;
}

}  // namespace loadfleet
