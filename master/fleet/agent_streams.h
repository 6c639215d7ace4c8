// What the master's own thread can do with the two streams of an agent. Behind interfaces, so that
// tests can play the agents without a network.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "loadfleet/v1/fleet.pb.h"

namespace loadfleet {

// Whose a stream is, once it has said so. The control thread's.
struct OwnedStream {
  std::string agent_id;
};

// Thread-safe. What is sent after the stream has ended is dropped: the registry hears of the end.
class ControlStream : public OwnedStream {
 public:
  virtual ~ControlStream() = default;
  virtual void Send(v1::MasterMessage message) = 0;
  virtual void End() = 0;  // once everything sent has gone out
};

// Thread-safe. Windows arrive at the pace of ReadNext(): one more for each call.
class WindowStream : public OwnedStream {
 public:
  virtual ~WindowStream() = default;
  virtual void Acknowledge(v1::WindowAck ack) = 0;
  virtual void ReadNext() = 0;
  virtual void End(const absl::Status& why) = 0;
};

// For what nobody counts: acknowledged all the same, lest its sender keeps it for ever.
inline void TakeUncounted(WindowStream& stream, const v1::WindowKey& key, bool summary) {
  v1::WindowAck ack;
  ack.set_run_id(key.run_id());
  ack.set_incarnation(key.incarnation());
  ack.set_last_seq(key.last_seq());
  ack.set_summary(summary);
  stream.Acknowledge(std::move(ack));
  stream.ReadNext();
}

}  // namespace loadfleet
