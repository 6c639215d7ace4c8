// The client's end of a bidirectional gRPC stream as a queue to write to and callbacks to read by.
// No thread of its own.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

namespace loadfleet {

// Thread-safe. Callbacks run on gRPC's threads: they only take a time and post. The destructor
// cancels the stream and waits for the last callback, so it must not run in one.
template <typename Request, typename Response>
class BidiClient final : public grpc::ClientBidiReactor<Request, Response> {
 public:
  struct Callbacks {
    std::function<void(Response)> read;
    std::function<void(grpc::Status)> done;  // once, after the last read
  };

  // `open` starts the call: it is handed the context and this reactor, as a stub's async method
  // wants them.
  using Open =
      std::function<void(grpc::ClientContext*, grpc::ClientBidiReactor<Request, Response>*)>;

  BidiClient(const Open& open, Callbacks callbacks) : callbacks_(std::move(callbacks)) {
    open(&context_, this);
    this->AddHold();  // writes come from outside of reactions (grpc::ClientBidiReactor)
    this->StartRead(&incoming_);
    this->StartCall();
  }

  ~BidiClient() override {
    context_.TryCancel();
    finished_.WaitForNotification();
  }

  // Writes go out in order. Dropped when the stream has ended: the reader of `done` knows what to
  // send again.
  void Write(Request request) {
    absl::MutexLock lock(&mutex_);
    if (ended_ || writes_done_) return;
    outgoing_.push_back(std::move(request));
    if (outgoing_.size() == 1) this->StartWrite(&outgoing_.front());
  }

  // Half-closes once everything written has gone out; the server then ends the stream.
  void FinishWriting() {
    absl::MutexLock lock(&mutex_);
    if (ended_ || writes_done_) return;
    writes_done_ = true;
    if (outgoing_.empty()) this->StartWritesDone();
  }

  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      {
        absl::MutexLock lock(&mutex_);
        ended_ = true;
      }
      this->RemoveHold();
      return;
    }
    callbacks_.read(std::move(incoming_));
    incoming_.Clear();
    this->StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    if (!ok) {
      ended_ = true;
      outgoing_.clear();
      return;
    }
    outgoing_.pop_front();
    if (!outgoing_.empty()) {
      this->StartWrite(&outgoing_.front());
    } else if (writes_done_) {
      this->StartWritesDone();
    }
  }

  void OnDone(const grpc::Status& status) override {
    callbacks_.done(status);
    finished_.Notify();
  }

 private:
  grpc::ClientContext context_;
  Callbacks callbacks_;
  Response incoming_;
  absl::Mutex mutex_;
  std::deque<Request> outgoing_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool writes_done_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Notification finished_;
};

}  // namespace loadfleet
