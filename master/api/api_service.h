// The gRPC service that people's tools call. Plans are compiled and the store is read on gRPC's
// threads; what concerns live runs and agents is asked of the control thread.
#pragma once

#include "loadfleet/v1/api.grpc.pb.h"

namespace loadfleet {

class Access;
class Cluster;
class ControlThread;
class DataFiles;
class Store;

class ApiService final : public v1::Api::CallbackService {
 public:
  // All must outlive the server that this is registered with.
  ApiService(const Access& access, Cluster& cluster, ControlThread& control, Store& store,
             DataFiles& data)
      : access_(access), cluster_(cluster), control_(control), store_(store), data_(data) {}

  grpc::ServerUnaryReactor* Validate(grpc::CallbackServerContext* context,
                                     const v1::PlanSource* source,
                                     v1::ValidateReply* reply) override;
  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context,
                                   const v1::SubmitRequest* request,
                                   v1::SubmitReply* reply) override;
  grpc::ServerWriteReactor<v1::RunSnapshot>* Watch(grpc::CallbackServerContext* context,
                                                   const v1::RunRef* run) override;
  grpc::ServerUnaryReactor* Stop(grpc::CallbackServerContext* context,
                                 const v1::StopRequest* request, v1::StopReply* reply) override;
  grpc::ServerUnaryReactor* ListRuns(grpc::CallbackServerContext* context,
                                     const v1::ListRunsRequest* request,
                                     v1::ListRunsReply* reply) override;
  grpc::ServerUnaryReactor* GetReport(grpc::CallbackServerContext* context, const v1::RunRef* run,
                                      v1::Report* report) override;
  grpc::ServerUnaryReactor* ListAgents(grpc::CallbackServerContext* context,
                                       const v1::ListAgentsRequest* request,
                                       v1::ListAgentsReply* reply) override;
  grpc::ServerReadReactor<v1::UploadPiece>* Upload(grpc::CallbackServerContext* context,
                                                   v1::UploadReply* reply) override;

 private:
  const Access& access_;
  Cluster& cluster_;
  ControlThread& control_;
  Store& store_;
  DataFiles& data_;
};

}  // namespace loadfleet
