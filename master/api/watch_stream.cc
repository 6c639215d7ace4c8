#include "master/api/watch_stream.h"

#include <utility>

namespace loadfleet {

bool WatchStream::Offer(Snapshot snapshot) {
  absl::MutexLock lock(&mutex_);
  if (ending_) return false;
  next_ = std::move(snapshot);
  if (writing_ == nullptr) WriteNext();
  return true;
}

void WatchStream::WriteNext() {
  writing_ = std::move(next_);
  next_ = nullptr;
  StartWrite(writing_.get());
}

void WatchStream::OnWriteDone(bool ok) {
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

void WatchStream::End(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (!ending_) FinishWith(status);
}

void WatchStream::FinishWith(const grpc::Status& status) {
  ending_ = true;
  Finish(status);
}

}  // namespace loadfleet
