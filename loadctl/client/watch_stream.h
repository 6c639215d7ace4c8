// The snapshots of one run as they come, conflated: whoever is slow sees the newest.
#pragma once

#include <optional>
#include <string>
#include <thread>

#include <grpcpp/client_context.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "loadfleet/v1/api.grpc.pb.h"

namespace loadfleet {

// The metadata that carries a token.
inline constexpr char kAuthorization[] = "authorization";

// Owns the thread that reads the stream; the destructor cancels the call.
class WatchStream {
 public:
  // `stub` must outlive the stream. An empty `authorization` is not sent.
  WatchStream(v1::Api::Stub& stub, const std::string& run_id, const std::string& authorization);
  ~WatchStream();
  WatchStream(const WatchStream&) = delete;
  WatchStream& operator=(const WatchStream&) = delete;

  // Readable, for poll(2), while there is something to take.
  int fd() const { return event_fd_; }

  struct News {
    std::optional<v1::RunSnapshot> snapshot;  // the newest since the last Take
    std::optional<grpc::Status> ended;        // nothing more will come
  };
  News Take();

 private:
  void Read(v1::Api::Stub& stub, const v1::RunRef& run);
  void Notify() const;

  grpc::ClientContext context_;
  int event_fd_;
  absl::Mutex mutex_;
  News news_ ABSL_GUARDED_BY(mutex_);
  std::thread reader_;
};

}  // namespace loadfleet
