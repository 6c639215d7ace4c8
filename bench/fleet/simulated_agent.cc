#include "bench/fleet/simulated_agent.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "common/protocol.h"
#include "common/stats/histogram.h"

namespace loadfleet {
namespace {

constexpr uint64_t kFirstProbes = 8;  // as agent/link has them
constexpr Nanos kHeartbeatEvery = 500 * kMillisecond;
// Real reporters wait for the slowest worker: their windows come some milliseconds after the
// second's end, each after its own.
constexpr Nanos kSpread = 100 * kMillisecond;

template <typename Message>
grpc::ByteBuffer Packed(const Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

}  // namespace

SimulatedAgent::SimulatedAgent(uint32_t index, const std::shared_ptr<grpc::Channel>& control,
                               std::shared_ptr<grpc::Channel> windows, WindowBytes& bytes)
    : index_(index),
      id_(absl::StrFormat("sim-%05d", index)),
      bytes_(bytes),
      stub_(v1::Fleet::NewStub(control)),
      windows_stub_(std::move(windows)) {
  control_ = std::make_unique<Control>(
      [this](grpc::ClientContext* context,
             grpc::ClientBidiReactor<v1::AgentMessage, v1::MasterMessage>* reactor) {
        stub_->async()->Control(context, reactor);
      },
      Control::Callbacks{[this](const v1::MasterMessage& message) { OnMessage(message); },
                         [this](const grpc::Status& status) {
                           absl::MutexLock lock(&mutex_);
                           if (refused_.empty() && !done_) refused_ = status.error_message();
                         }});
  windows_ = std::make_unique<Windows>(
      [this](grpc::ClientContext* context,
             grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* reactor) {
        windows_stub_.PrepareBidiStreamingCall(context, "/loadfleet.v1.Fleet/Windows", {}, reactor);
      },
      Windows::Callbacks{[this](const grpc::ByteBuffer& bytes_read) { OnAck(bytes_read); },
                         [this](const grpc::Status& status) {
                           absl::MutexLock lock(&mutex_);
                           if (refused_.empty() && !done_) refused_ = status.error_message();
                         }});
  Register();
}

void SimulatedAgent::Register() {
  v1::AgentMessage message;
  v1::Register& hello = *message.mutable_register_();
  hello.mutable_protocol()->set_major(kProtocolMajor);
  hello.mutable_protocol()->set_minor(kProtocolMinor);
  hello.set_histogram_layout(kHistogramLayout);
  hello.set_agent_id(id_);
  hello.set_incarnation(1);
  hello.set_version(kVersion);
  hello.mutable_capacity()->set_workers(1);
  hello.mutable_capacity()->set_weight(1);
  hello.mutable_capacity()->set_descriptors(100'000);
  control_->Write(std::move(message));
}

void SimulatedAgent::OnMessage(const v1::MasterMessage& message) {
  const Nanos now = SystemClock().Now();
  absl::MutexLock lock(&mutex_);
  switch (message.kind_case()) {
    case v1::MasterMessage::kRegistered: {
      registered_ = true;
      v1::WindowMessage hello;
      hello.mutable_hello()->set_agent_id(id_);
      hello.mutable_hello()->set_incarnation(1);
      windows_->Write(Packed(hello));
      SendHeartbeat(now);
      break;
    }
    case v1::MasterMessage::kRefused:
      refused_ = message.refused().reason();
      break;
    case v1::MasterMessage::kHeartbeatAck: {
      const Nanos bound = std::max<Nanos>(1, (now - message.heartbeat_ack().agent_sent_ns()) / 2);
      offset_bound_ = offset_bound_ == 0 ? bound : std::min(offset_bound_, bound);
      if (heartbeats_ < kFirstProbes) SendHeartbeat(now);
      break;
    }
    case v1::MasterMessage::kPrepare: {
      run_id_ = message.prepare().assignment().run_id();
      state_ = v1::AGENT_STATE_READY;
      v1::AgentMessage answer;
      answer.mutable_prepared()->set_run_id(run_id_);
      answer.mutable_prepared()->set_epoch(1);
      answer.mutable_prepared()->set_ready(true);
      control_->Write(std::move(answer));
      break;
    }
    case v1::MasterMessage::kStart:
      if (t0_ != 0) break;
      state_ = v1::AGENT_STATE_RUNNING;
      t0_ = message.start().t0_master_ns();  // one machine, one clock
      next_window_ = t0_ + kSecond + index_ * 7919LL * kMicrosecond % kSpread;
      break;
    default:
      break;
  }
}

void SimulatedAgent::OnAck(const grpc::ByteBuffer& bytes) {
  const Nanos now = SystemClock().Now();
  grpc::Slice slice;
  if (!bytes.TrySingleSlice(&slice).ok() && !bytes.DumpToSingleSlice(&slice).ok()) return;
  v1::WindowAck ack;
  if (!ack.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) return;
  absl::MutexLock lock(&mutex_);
  while (delays_.size() < std::min<size_t>(ack.last_seq(), sent_at_.size())) {
    delays_.push_back(now - sent_at_[delays_.size()]);
  }
  if (ack.summary() && !done_) {
    done_ = true;
    state_ = v1::AGENT_STATE_IDLE;
    run_id_.clear();
    SendHeartbeat(now);  // it is free, and says so at once
  }
}

void SimulatedAgent::SendHeartbeat(Nanos now) {
  v1::AgentMessage message;
  v1::Heartbeat& heartbeat = *message.mutable_heartbeat();
  heartbeat.set_number(++heartbeats_);
  heartbeat.set_sent_ns(now);
  heartbeat.set_offset_bound_ns(offset_bound_);
  heartbeat.set_run_id(run_id_);
  heartbeat.set_epoch(run_id_.empty() ? 0 : 1);
  heartbeat.set_state(state_);
  control_->Write(std::move(message));
  next_heartbeat_ = now + kHeartbeatEvery;
}

void SimulatedAgent::SendWindow(Nanos now) {
  const auto seq = static_cast<uint32_t>(sent_at_.size() + 1);
  sent_at_.push_back(now);
  windows_->Write(bytes_.Window(run_id_, id_, index_, seq));
}

void SimulatedAgent::OnTime(Nanos now, uint32_t last_second) {
  absl::MutexLock lock(&mutex_);
  if (now >= next_heartbeat_) SendHeartbeat(now);
  if (now < next_window_) return;
  SendWindow(now);
  next_window_ += kSecond;
  if (sent_at_.size() < last_second) return;
  windows_->Write(bytes_.Summary(run_id_, id_, index_, last_second));
  state_ = v1::AGENT_STATE_FINISHING;
  next_window_ = INT64_MAX;
}

Nanos SimulatedAgent::NextWake() const {
  absl::MutexLock lock(&mutex_);
  return std::min(next_heartbeat_, next_window_);
}

bool SimulatedAgent::ready() const {
  absl::MutexLock lock(&mutex_);
  return registered_ && heartbeats_ >= kFirstProbes;
}

bool SimulatedAgent::done() const {
  absl::MutexLock lock(&mutex_);
  return done_;
}

std::string SimulatedAgent::refused() const {
  absl::MutexLock lock(&mutex_);
  return refused_;
}

std::vector<Nanos> SimulatedAgent::delays() const {
  absl::MutexLock lock(&mutex_);
  return delays_;
}

uint32_t SimulatedAgent::sent() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<uint32_t>(sent_at_.size());
}

}  // namespace loadfleet
