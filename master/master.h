// The master as a library: everything that `loadmaster` runs, so that `loadctl run` and tests can
// run it too.
#pragma once

#include <memory>
#include <string>

#include <grpcpp/channel.h>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/secrets.h"
#include "loadfleet/v1/plan.pb.h"
#include "master/run/once_session.h"

namespace grpc {
class Server;
}

namespace loadfleet {

class Access;
class ApiService;
class Cluster;
class ControlThread;
class DataFiles;
class FleetService;
class MasterWeb;
class Store;

struct MasterOptions {
  std::string grpc_listen;  // HOST:PORT for agents and loadctl; empty: reachable in-process only
  std::string http_listen;  // HOST:PORT for /metrics and /healthz; empty: none
  // Where the run store lives, and what was uploaded; empty: in memory and in a temporary folder,
  // gone with the process.
  std::string data_dir;
  // Allow listening beyond loopback although nothing is encrypted. With `tls` it is for http_listen
  // alone, which is always plain.
  bool insecure_listen = false;
  std::string tls;     // a TlsFolder for grpc_listen; empty: nothing is encrypted
  std::string tokens;  // a file of operators' tokens (master/access/tokens.h); empty: none
};

// Thread-safe. Owns its threads, its server and its store.
class Master {
 public:
  // UNAVAILABLE: a port is in use.  FAILED_PRECONDITION: beyond loopback without insecure_listen,
  // or a certificate that does not hold now.  INVALID_ARGUMENT: what `tls` or `tokens` names is not
  // what it should be.
  // DATA_LOSS: the store is damaged (never recreated).  INTERNAL: anything else of the store.
  static absl::StatusOr<std::unique_ptr<Master>> Start(const MasterOptions& options,
                                                       const Clock& clock);
  // Ends every stream and thread. A run that has not ended is left in the store as it is: the next
  // master finds it there.
  ~Master();

  // A channel that no other process can reach: what `loadctl run` joins its agent and its client
  // by.
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // `loadctl run --once`: see Cluster::DoOnce. `listener` is called on a thread of the master's,
  // and for the last time before *this is gone.
  void DoOnce(v1::Plan plan, Secrets secrets, OnceSession::Listener listener);

  int grpc_port() const { return grpc_port_; }  // the bound port, 0 when none
  int http_port() const;

 private:
  Master();

  // In the order in which they begin; they end the other way round.
  std::unique_ptr<Store> store_;
  std::unique_ptr<DataFiles> data_;
  std::unique_ptr<ControlThread> control_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<const Access> access_;
  std::unique_ptr<FleetService> fleet_;
  std::unique_ptr<ApiService> api_;
  std::unique_ptr<grpc::Server> server_;
  int grpc_port_ = 0;
  std::unique_ptr<MasterWeb> web_;
};

}  // namespace loadfleet
