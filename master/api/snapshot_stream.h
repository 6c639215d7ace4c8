// One watcher of one run: snapshots out, conflated when the reader is slow.
#pragma once

#include <memory>

#include <grpcpp/support/server_callback.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

// Thread-safe. Held by gRPC until the stream has ended.
class SnapshotStream final : public grpc::ServerWriteReactor<v1::RunSnapshot>,
                             public std::enable_shared_from_this<SnapshotStream> {
 public:
  using Snapshot = std::shared_ptr<const v1::RunSnapshot>;

  void Begin() { self_ = shared_from_this(); }

  // The newest one replaces any that is not on its way yet; the one of an ended run is the last.
  // False when the stream has ended.
  bool Offer(Snapshot snapshot);

  void End(const grpc::Status& status);

  void OnWriteDone(bool ok) override;
  void OnCancel() override { End(grpc::Status::CANCELLED); }
  void OnDone() override { const std::shared_ptr<SnapshotStream> self = std::move(self_); }

 private:
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishWith(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::shared_ptr<SnapshotStream> self_;
  absl::Mutex mutex_;
  Snapshot next_ ABSL_GUARDED_BY(mutex_);
  Snapshot writing_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace loadfleet
