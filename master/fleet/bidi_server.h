// The server's end of a bidirectional gRPC stream as a queue to write to and callbacks to read by.
// No thread of its own.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include <grpcpp/support/server_callback.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace loadfleet {

// Thread-safe. Shared by whoever writes to it and by gRPC, which holds it until the stream has
// ended: a write after that is dropped.
template <typename Request, typename Response>
class BidiServer final : public grpc::ServerBidiReactor<Request, Response>,
                         public std::enable_shared_from_this<BidiServer<Request, Response>> {
 public:
  // Both run on gRPC's threads: they only answer, take a time and post.
  struct Callbacks {
    std::function<void(Request)> read;  // the next one is read only after ReadNext()
    std::function<void()> done;         // once, after the last read
  };

  // Call once, before anything else. The stream is held from here to its end.
  void Begin(Callbacks callbacks) {
    callbacks_ = std::move(callbacks);
    self_ = this->shared_from_this();
    ReadNext();
  }

  void ReadNext() {
    absl::MutexLock lock(&mutex_);
    if (finishing_) return;
    this->StartRead(&incoming_);
  }

  // Writes go out in order.
  void Write(Response response) {
    absl::MutexLock lock(&mutex_);
    if (finishing_) return;
    outgoing_.push_back(std::move(response));
    if (outgoing_.size() == 1) this->StartWrite(&outgoing_.front());
  }

  // Ends the stream once everything written has gone out.
  void End(grpc::Status status = grpc::Status::OK) {
    absl::MutexLock lock(&mutex_);
    if (finishing_) return;
    finishing_ = true;
    status_ = std::move(status);
    if (outgoing_.empty()) this->Finish(status_);
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      Request request = std::move(incoming_);
      incoming_.Clear();
      callbacks_.read(std::move(request));
    } else {
      End();  // the client has half-closed, or is gone
    }
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    outgoing_.pop_front();
    if (!ok) outgoing_.clear();
    if (!outgoing_.empty()) {
      this->StartWrite(&outgoing_.front());
    } else if (finishing_) {
      this->Finish(status_);
    } else if (!ok) {
      finishing_ = true;
      this->Finish(grpc::Status::CANCELLED);
    }
  }

  void OnCancel() override { End(grpc::Status::CANCELLED); }

  void OnDone() override {
    const Callbacks callbacks = std::move(callbacks_);  // they may hold what holds *this
    const std::shared_ptr<BidiServer> self = std::move(self_);
    callbacks.done();
  }

 private:
  Callbacks callbacks_;
  std::shared_ptr<BidiServer> self_;
  Request incoming_;
  absl::Mutex mutex_;
  std::deque<Response> outgoing_ ABSL_GUARDED_BY(mutex_);
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace loadfleet
