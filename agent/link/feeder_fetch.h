// Fetches the files of a plan's feeders from the master.
#pragma once

#include <memory>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "agent/engine/run_plan.h"
#include "agent/feeder/feeder_file.h"
#include "agent/feeder/feeder_source.h"

namespace loadfleet {

// One plan's.
class FeederFetch final : public FeederSource {
 public:
  // `channel`: one of its own, so that no heartbeat waits behind a file.
  explicit FeederFetch(std::shared_ptr<grpc::Channel> channel) : channel_(std::move(channel)) {}

  // A stream that breaks goes on where it was, as long as something comes.
  absl::Status Fetch(const v1::Plan& plan, RunPlan* run) override;
  void Cancel() override;

 private:
  absl::StatusOr<std::unique_ptr<const FeederFile>> FetchOne(const v1::Feeder& feeder);
  absl::Status FetchRest(const v1::Feeder& feeder, FeederDownload* download);
  grpc::ClientContext* NewContext();
  void DropContext();

  const std::shared_ptr<grpc::Channel> channel_;
  absl::Mutex mutex_;
  std::unique_ptr<grpc::ClientContext> context_ ABSL_GUARDED_BY(mutex_);  // of the call that lasts
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace loadfleet
