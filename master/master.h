// The master as a library: everything that `loadmaster` runs, so that `loadctl run` and tests can
// run it too.
#pragma once

#include <memory>
#include <string>

#include <grpcpp/channel.h>

#include "absl/status/statusor.h"
#include "common/clock.h"

namespace loadfleet {

struct MasterOptions {
  std::string grpc_listen;  // HOST:PORT for agents and loadctl; empty: reachable in-process only
  std::string http_listen;  // HOST:PORT for /metrics and /healthz; empty: none
  std::string data_dir;     // where the run store lives; empty: in memory, gone with the process
  // Allow listening beyond loopback although nothing is encrypted yet.
  bool insecure_listen = false;
};

// Thread-safe. Owns its threads, its server and its store; the destructor is Shutdown().
class Master {
 public:
  // UNAVAILABLE: a port is in use.  FAILED_PRECONDITION: beyond loopback without insecure_listen.
  // DATA_LOSS: the store is damaged (never recreated).  INTERNAL: anything else of the store.
  static absl::StatusOr<std::unique_ptr<Master>> Start(const MasterOptions& options,
                                                       const Clock& clock);
  virtual ~Master() = default;

  // A channel that no other process can reach: what `loadctl run` joins its agent and its client
  // by.
  virtual std::shared_ptr<grpc::Channel> InProcessChannel() = 0;

  virtual int grpc_port() const = 0;  // the bound port, 0 when none
  virtual int http_port() const = 0;

  // Ends every stream and thread; unfinished runs are left in the store as they are. Idempotent.
  virtual void Shutdown() = 0;
};

}  // namespace loadfleet
