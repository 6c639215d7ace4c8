// An agent's streams, played by a test: what the master sent is kept.
#pragma once

#include <string>
#include <vector>

#include "common/protocol.h"
#include "common/stats/histogram.h"
#include "master/fleet/agent_streams.h"

namespace loadfleet {

class FakeControlStream final : public ControlStream {
 public:
  void Send(v1::MasterMessage message) override { sent.push_back(std::move(message)); }
  void End() override { ended = true; }

  // How many messages of this kind were sent.
  int Count(v1::MasterMessage::KindCase kind) const {
    int count = 0;
    for (const v1::MasterMessage& message : sent) count += message.kind_case() == kind ? 1 : 0;
    return count;
  }
  // The newest of this kind; fails the test's expectations by being empty when there is none.
  v1::MasterMessage Last(v1::MasterMessage::KindCase kind) const {
    for (auto it = sent.rbegin(); it != sent.rend(); ++it) {
      if (it->kind_case() == kind) return *it;
    }
    return v1::MasterMessage();
  }

  std::vector<v1::MasterMessage> sent;
  bool ended = false;
};

class FakeWindowStream final : public WindowStream {
 public:
  void Acknowledge(v1::WindowAck ack) override { acks.push_back(std::move(ack)); }
  void ReadNext() override { ++reads; }
  void End(const absl::Status& why) override { ended = why; }

  std::vector<v1::WindowAck> acks;
  int reads = 0;
  absl::Status ended;
};

inline v1::Register Registration(const std::string& name, uint64_t incarnation = 1) {
  v1::Register registration;
  registration.mutable_protocol()->set_major(kProtocolMajor);
  registration.mutable_protocol()->set_minor(kProtocolMinor);
  registration.set_histogram_layout(kHistogramLayout);
  registration.set_agent_id(name);
  registration.set_incarnation(incarnation);
  registration.mutable_capacity()->set_workers(2);
  registration.mutable_capacity()->set_weight(1);
  return registration;
}

}  // namespace loadfleet
