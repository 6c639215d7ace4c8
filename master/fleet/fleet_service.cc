#include "master/fleet/fleet_service.h"

#include <memory>
#include <utility>

#include "common/net/rpc_status.h"
#include "master/access/access.h"
#include "master/data/data_streams.h"
#include "master/fleet/agent_streams.h"
#include "master/fleet/bidi_server.h"
#include "master/run/cluster.h"
#include "master/run/control_thread.h"

namespace loadfleet {
namespace {

// One agent's control stream, from its Register to its end.
class ControlSession final : public ControlStream,
                             public std::enable_shared_from_this<ControlSession> {
 public:
  ControlSession(Caller caller, Cluster& cluster, ControlThread& control, const Clock& clock)
      : caller_(std::move(caller)), cluster_(cluster), control_(control), clock_(clock) {}

  grpc::ServerBidiReactor<v1::AgentMessage, v1::MasterMessage>* Begin() {
    stream_ = std::make_shared<Stream>();
    stream_->Begin(
        {[self = shared_from_this()](v1::AgentMessage message) { self->Read(std::move(message)); },
         [self = shared_from_this()] {
           self->control_.Post([self] { self->cluster_.OnControlEnded(self.get()); });
         }});
    return stream_.get();
  }

  void Send(v1::MasterMessage message) override { stream_->Write(std::move(message)); }
  void End() override { stream_->End(); }

 private:
  using Stream = BidiServer<v1::AgentMessage, v1::MasterMessage>;

  void Read(v1::AgentMessage message) {
    const Nanos received = clock_.Now();
    const Nanos heard_at = clock_.NowWithSuspend();
    if (message.has_register_() == registered_) {
      stream_->End(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                                "the first message, and only the first, is Register"));
      return;
    }
    switch (message.kind_case()) {
      case v1::AgentMessage::kRegister:
        if (absl::Status status = Access::AdmitAgent(caller_, message.register_().agent_id());
            !status.ok()) {
          stream_->End(ToGrpc(status));
          return;
        }
        registered_ = true;
        control_.Post(
            [self = shared_from_this(), hello = std::move(*message.mutable_register_())]() mutable {
              self->cluster_.OnRegister(self, std::move(hello), self->caller_.peer);
            });
        break;
      case v1::AgentMessage::kHeartbeat:
        Answer(message.heartbeat(), received);
        control_.Post([self = shared_from_this(), heartbeat = message.heartbeat(), heard_at] {
          self->cluster_.OnHeartbeat(self.get(), heartbeat, heard_at);
        });
        break;
      case v1::AgentMessage::kPrepared:
        control_.Post([self = shared_from_this(), prepared = message.prepared()] {
          self->cluster_.OnPrepared(self.get(), prepared);
        });
        break;
      case v1::AgentMessage::kGoodbye:
        control_.Post([self = shared_from_this(), goodbye = message.goodbye()] {
          self->cluster_.OnGoodbye(self.get(), goodbye);
        });
        break;
      case v1::AgentMessage::kOnceDone:
        control_.Post([self = shared_from_this(), done = std::move(*message.mutable_once_done())] {
          self->cluster_.OnOnceDone(self.get(), done);
        });
        break;
      case v1::AgentMessage::kAdjusted:
        control_.Post([self = shared_from_this(), adjusted = message.adjusted()] {
          self->cluster_.OnAdjusted(self.get(), adjusted);
        });
        break;
      case v1::AgentMessage::KIND_NOT_SET:
        break;  // from a newer minor version
    }
    stream_->ReadNext();
  }

  void Answer(const v1::Heartbeat& heartbeat, Nanos received) {
    v1::MasterMessage message;
    v1::HeartbeatAck& ack = *message.mutable_heartbeat_ack();
    ack.set_number(heartbeat.number());
    ack.set_agent_sent_ns(heartbeat.sent_ns());
    ack.set_master_received_ns(received);
    ack.set_master_sent_ns(clock_.Now());
    stream_->Write(std::move(message));
  }

  const Caller caller_;
  Cluster& cluster_;
  ControlThread& control_;
  const Clock& clock_;
  bool registered_ = false;  // of the reading thread
  std::shared_ptr<Stream> stream_;
};

// One agent's window stream.
class WindowSession final : public WindowStream,
                            public std::enable_shared_from_this<WindowSession> {
 public:
  WindowSession(Caller caller, Cluster& cluster, ControlThread& control)
      : caller_(std::move(caller)), cluster_(cluster), control_(control) {}

  grpc::ServerBidiReactor<v1::WindowMessage, v1::WindowAck>* Begin() {
    stream_ = std::make_shared<Stream>();
    stream_->Begin({[self = shared_from_this()](v1::WindowMessage message) {
                      self->control_.Post(
                          [self, message = std::move(message)] { self->Deliver(message); });
                    },
                    [self = shared_from_this()] {
                      self->control_.Post([self] { self->cluster_.OnWindowsEnded(self.get()); });
                    }});
    return stream_.get();
  }

  void Acknowledge(v1::WindowAck ack) override { stream_->Write(std::move(ack)); }
  void ReadNext() override { stream_->ReadNext(); }
  void End(const absl::Status& why) override { stream_->End(ToGrpc(why)); }

 private:
  using Stream = BidiServer<v1::WindowMessage, v1::WindowAck>;

  void Deliver(const v1::WindowMessage& message) {
    switch (message.kind_case()) {
      case v1::WindowMessage::kHello:
        if (absl::Status status = Access::AdmitAgent(caller_, message.hello().agent_id());
            !status.ok()) {
          return End(status);
        }
        cluster_.OnWindowsOpened(shared_from_this(), message.hello());
        break;
      case v1::WindowMessage::kWindow:
        cluster_.OnWindow(this, message.window());
        break;
      case v1::WindowMessage::kSummary:
        cluster_.OnSummary(this, message.summary());
        break;
      case v1::WindowMessage::KIND_NOT_SET:
        ReadNext();  // from a newer minor version
        break;
    }
  }

  const Caller caller_;
  Cluster& cluster_;
  ControlThread& control_;
  std::shared_ptr<Stream> stream_;
};

}  // namespace

grpc::ServerBidiReactor<v1::AgentMessage, v1::MasterMessage>* FleetService::Control(
    grpc::CallbackServerContext* context) {
  absl::StatusOr<Caller> caller = access_.Admit(*context, "Fleet.Control");
  if (!caller.ok()) {
    return new Refused<grpc::ServerBidiReactor<v1::AgentMessage, v1::MasterMessage>>(
        caller.status());
  }
  return std::make_shared<ControlSession>(*std::move(caller), cluster_, control_, clock_)->Begin();
}

grpc::ServerBidiReactor<v1::WindowMessage, v1::WindowAck>* FleetService::Windows(
    grpc::CallbackServerContext* context) {
  absl::StatusOr<Caller> caller = access_.Admit(*context, "Fleet.Windows");
  if (!caller.ok()) {
    return new Refused<grpc::ServerBidiReactor<v1::WindowMessage, v1::WindowAck>>(caller.status());
  }
  return std::make_shared<WindowSession>(*std::move(caller), cluster_, control_)->Begin();
}

grpc::ServerWriteReactor<v1::FilePiece>* FleetService::Fetch(grpc::CallbackServerContext* context,
                                                             const v1::FetchRequest* request) {
  const absl::StatusOr<Caller> caller = access_.Admit(*context, "Fleet.Fetch");
  if (!caller.ok()) return new Refused<grpc::ServerWriteReactor<v1::FilePiece>>(caller.status());
  return SendData(data_, *request);
}

}  // namespace loadfleet
