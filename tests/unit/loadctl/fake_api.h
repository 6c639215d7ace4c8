// A master that does what a test says, reached through a real gRPC channel within the process.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "loadfleet/v1/api.grpc.pb.h"

namespace loadfleet {

// Thread-safe. The destructor ends every watch.
class FakeApi final : public v1::Api::Service {
 public:
  FakeApi();
  ~FakeApi() override;

  std::shared_ptr<grpc::Channel> Channel() { return server_->InProcessChannel({}); }

  // What the next Submit answers; the last one stays.
  void AnswerSubmits(std::vector<grpc::Status> statuses);
  // Goes to whoever watches, in this order.
  void Publish(const v1::RunSnapshot& snapshot);
  void EndWatch(const grpc::Status& status);
  // Stop publishes a report with this verdict.
  void ReportOnStop(v1::Verdict verdict);

  int submits() const;
  std::vector<v1::StopRequest> stops() const;

  grpc::Status Submit(grpc::ServerContext* context, const v1::SubmitRequest* request,
                      v1::SubmitReply* reply) override;
  grpc::Status Stop(grpc::ServerContext* context, const v1::StopRequest* request,
                    v1::StopReply* reply) override;
  grpc::Status Watch(grpc::ServerContext* context, const v1::RunRef* run,
                     grpc::ServerWriter<v1::RunSnapshot>* writer) override;

 private:
  mutable absl::Mutex mutex_;
  std::deque<grpc::Status> submit_answers_ ABSL_GUARDED_BY(mutex_);
  std::deque<v1::RunSnapshot> snapshots_ ABSL_GUARDED_BY(mutex_);
  bool watch_ended_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status watch_status_ ABSL_GUARDED_BY(mutex_);
  v1::Verdict on_stop_ ABSL_GUARDED_BY(mutex_) = v1::VERDICT_UNSPECIFIED;
  int submits_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<v1::StopRequest> stops_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

v1::RunSnapshot Running(const std::string& run_id);
v1::RunSnapshot Ended(const std::string& run_id, v1::Verdict verdict);

}  // namespace loadfleet
