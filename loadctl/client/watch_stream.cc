#include "loadctl/client/watch_stream.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace loadfleet {

WatchStream::WatchStream(v1::Api::Stub& stub, const std::string& run_id,
                         const std::string& authorization)
    : event_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!authorization.empty()) context_.AddMetadata(kAuthorization, authorization);
  v1::RunRef run;
  run.set_run_id(run_id);
  reader_ = std::thread([this, &stub, run] { Read(stub, run); });
}

WatchStream::~WatchStream() {
  context_.TryCancel();
  reader_.join();
  close(event_fd_);
}

WatchStream::News WatchStream::Take() {
  eventfd_t ignored = 0;
  eventfd_read(event_fd_, &ignored);
  absl::MutexLock lock(&mutex_);
  return std::exchange(news_, {});
}

void WatchStream::Read(v1::Api::Stub& stub, const v1::RunRef& run) {
  const std::unique_ptr<grpc::ClientReader<v1::RunSnapshot>> stream = stub.Watch(&context_, run);
  for (v1::RunSnapshot snapshot; stream->Read(&snapshot);) {
    {
      absl::MutexLock lock(&mutex_);
      news_.snapshot = std::move(snapshot);
    }
    Notify();
  }
  grpc::Status status = stream->Finish();
  {
    absl::MutexLock lock(&mutex_);
    news_.ended = std::move(status);
  }
  Notify();
}

void WatchStream::Notify() const {
  eventfd_write(event_fd_, 1);
}

}  // namespace loadfleet
