// What the master's own thread can do with the two streams of an agent. Behind interfaces, so that
// tests can play the agents without a network.
#pragma once

#include "absl/status/status.h"
#include "loadfleet/v1/fleet.pb.h"

namespace loadfleet {

// Thread-safe. What is sent after the stream has ended is dropped: the registry hears of the end.
class ControlStream {
 public:
  virtual ~ControlStream() = default;
  virtual void Send(v1::MasterMessage message) = 0;
  virtual void End() = 0;  // once everything sent has gone out
};

// Thread-safe. Windows arrive at the pace of ReadNext(): one more for each call.
class WindowStream {
 public:
  virtual ~WindowStream() = default;
  virtual void Acknowledge(v1::WindowAck ack) = 0;
  virtual void ReadNext() = 0;
  virtual void End(const absl::Status& why) = 0;
};

}  // namespace loadfleet
