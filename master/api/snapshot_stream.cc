#include "master/api/snapshot_stream.h"

#include <utility>

namespace loadfleet {

bool SnapshotStream::Offer(Snapshot snapshot) {
  absl::MutexLock lock(&mutex_);
  if (ending_) return false;
  next_ = std::move(snapshot);
  if (writing_ == nullptr) WriteNext();
  return true;
}

void SnapshotStream::WriteNext() {
  writing_ = std::move(next_);
  next_ = nullptr;
  StartWrite(writing_.get());
}

void SnapshotStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  const bool last = writing_->state() == v1::RUN_STATE_ENDED;
  writing_ = nullptr;
  if (ending_) return;
  if (!ok || last) {
    FinishWith(ok ? grpc::Status::OK : grpc::Status::CANCELLED);
  } else if (next_ != nullptr) {
    WriteNext();
  }
}

void SnapshotStream::End(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (!ending_) FinishWith(status);
}

void SnapshotStream::FinishWith(const grpc::Status& status) {
  ending_ = true;
  Finish(status);
}

}  // namespace loadfleet
