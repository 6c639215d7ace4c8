// One agent as the master sees it: both streams, heartbeats, a window a second, the summary. It
// sends no load; its windows are made beforehand.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "agent/link/bidi_client.h"
#include "bench/fleet/windows.h"
#include "common/clock.h"
#include "loadfleet/v1/fleet.grpc.pb.h"

namespace loadfleet {

// Thread-safe. Channels are the agent's own, as a real one has them: one for control, one for
// windows.
class SimulatedAgent {
 public:
  SimulatedAgent(uint32_t index, const std::shared_ptr<grpc::Channel>& control,
                 std::shared_ptr<grpc::Channel> windows, WindowBytes& bytes);

  // Sends what is due. `last_second` is where the summary follows. Only one thread calls this.
  void OnTime(Nanos now, uint32_t last_second);

  // When it wants to be called; Clock::Now's scale.
  Nanos NextWake() const;

  bool ready() const;  // the master knows its clock: it can take part in a run
  bool done() const;   // its summary is acknowledged
  std::string refused() const;

  // From when a window was sent until its acknowledgement came.
  std::vector<Nanos> delays() const;
  uint32_t sent() const;

 private:
  using Control = BidiClient<v1::AgentMessage, v1::MasterMessage>;
  using Windows = BidiClient<grpc::ByteBuffer, grpc::ByteBuffer>;

  void OnMessage(const v1::MasterMessage& message);
  void OnAck(const grpc::ByteBuffer& bytes);
  void Register();
  void SendHeartbeat(Nanos now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendWindow(Nanos now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const uint32_t index_;
  const std::string id_;
  WindowBytes& bytes_;
  std::unique_ptr<v1::Fleet::Stub> stub_;
  grpc::GenericStub windows_stub_;

  mutable absl::Mutex mutex_;
  bool registered_ ABSL_GUARDED_BY(mutex_) = false;
  std::string refused_ ABSL_GUARDED_BY(mutex_);
  uint64_t heartbeats_ ABSL_GUARDED_BY(mutex_) = 0;
  Nanos next_heartbeat_ ABSL_GUARDED_BY(mutex_) = INT64_MAX;
  Nanos offset_bound_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string run_id_ ABSL_GUARDED_BY(mutex_);
  v1::AgentState state_ ABSL_GUARDED_BY(mutex_) = v1::AGENT_STATE_IDLE;
  Nanos t0_ ABSL_GUARDED_BY(mutex_) = 0;
  Nanos next_window_ ABSL_GUARDED_BY(mutex_) = INT64_MAX;
  std::vector<Nanos> sent_at_ ABSL_GUARDED_BY(mutex_);  // by sequence number - 1
  std::vector<Nanos> delays_ ABSL_GUARDED_BY(mutex_);   // likewise, of what is acknowledged
  bool done_ ABSL_GUARDED_BY(mutex_) = false;

  // Last, so that their callbacks end before what they use.
  std::unique_ptr<Windows> windows_;
  std::unique_ptr<Control> control_;
};

}  // namespace loadfleet
