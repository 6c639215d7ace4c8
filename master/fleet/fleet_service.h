// The gRPC service that agents call. Its callbacks run on gRPC's threads: they answer heartbeats,
// and hand everything else to the control thread.
#pragma once

#include "common/clock.h"
#include "loadfleet/v1/fleet.grpc.pb.h"

namespace loadfleet {

class Access;
class Cluster;
class ControlThread;
class DataFiles;

class FleetService final : public v1::Fleet::CallbackService {
 public:
  // All must outlive the server that this is registered with.
  FleetService(const Access& access, Cluster& cluster, ControlThread& control, DataFiles& data,
               const Clock& clock)
      : access_(access), cluster_(cluster), control_(control), data_(data), clock_(clock) {}

  grpc::ServerBidiReactor<v1::AgentMessage, v1::MasterMessage>* Control(
      grpc::CallbackServerContext* context) override;
  grpc::ServerBidiReactor<v1::WindowMessage, v1::WindowAck>* Windows(
      grpc::CallbackServerContext* context) override;
  grpc::ServerWriteReactor<v1::FilePiece>* Fetch(grpc::CallbackServerContext* context,
                                                 const v1::FetchRequest* request) override;

 private:
  const Access& access_;
  Cluster& cluster_;
  ControlThread& control_;
  DataFiles& data_;
  const Clock& clock_;
};

}  // namespace loadfleet
