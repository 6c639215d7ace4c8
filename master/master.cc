#include "master/master.h"

#include <chrono>
#include <utility>

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "common/net/listen_address.h"
#include "common/net/rpc_channel.h"
#include "common/net/rpc_credentials.h"
#include "master/access/access.h"
#include "master/api/api_service.h"
#include "master/data/data_files.h"
#include "master/fleet/fleet_service.h"
#include "master/run/cluster.h"
#include "master/run/control_thread.h"
#include "master/store/store.h"
#include "master/web/master_web.h"

namespace loadfleet {
namespace {

struct Entrance {
  std::unique_ptr<const Access> access;
  std::shared_ptr<grpc::ServerCredentials> credentials;  // null: nothing is encrypted
};

absl::StatusOr<Entrance> MakeEntrance(const MasterOptions& options) {
  Entrance entrance;
  Access::Options access;
  access.network = !options.grpc_listen.empty();
  if (!options.tls.empty()) {
    const auto folder = ReadTlsFolder(options.tls, OwnCertificate::kNeeded);
    if (!folder.ok()) return folder.status();
    auto trusted = TrustedAuthorities::Read(folder->ca, folder->ca_file);
    if (!trusted.ok()) return trusted.status();
    access.trusted = *std::move(trusted);
    entrance.credentials = NewServerCredentials(*folder);
  }
  if (!options.tokens.empty()) {
    auto tokens = Tokens::Read(options.tokens);
    if (!tokens.ok()) return tokens.status();
    access.tokens = *std::move(tokens);
  }
  entrance.access = std::make_unique<const Access>(std::move(access));
  return entrance;
}

struct Listening {
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

absl::StatusOr<Listening> Listen(const MasterOptions& options,
                                 std::shared_ptr<grpc::ServerCredentials> credentials,
                                 FleetService& fleet, ApiService& api) {
  grpc::ServerBuilder builder;
  ApplyServerSettings(&builder);
  builder.RegisterService(&fleet);
  builder.RegisterService(&api);
  Listening listening;
  if (!options.grpc_listen.empty()) {
    const bool anywhere = credentials != nullptr || options.insecure_listen;
    auto address = AllowedListenAddress(options.grpc_listen, anywhere);
    if (!address.ok()) return address.status();
    if (credentials == nullptr) credentials = grpc::InsecureServerCredentials();
    builder.AddListeningPort(address->ToString(), credentials, &listening.port);
  }
  listening.server = builder.BuildAndStart();
  if (listening.server == nullptr || (!options.grpc_listen.empty() && listening.port == 0)) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options.grpc_listen,
                                               ": address in use, or not this machine's"));
  }
  return listening;
}

}  // namespace

Master::Master() = default;

absl::StatusOr<std::unique_ptr<Master>> Master::Start(const MasterOptions& options,
                                                      const Clock& clock) {
  auto entrance = MakeEntrance(options);
  if (!entrance.ok()) return entrance.status();
  auto master = std::unique_ptr<Master>(new Master());
  master->access_ = std::move(entrance->access);
  auto store = Store::Open(options.data_dir);
  if (!store.ok()) return store.status();
  master->store_ = *std::move(store);
  auto data = DataFiles::Open(options.data_dir, clock);
  if (!data.ok()) return data.status();
  master->data_ = *std::move(data);

  master->control_ = std::make_unique<ControlThread>(clock);
  ControlThread& control = *master->control_;
  master->cluster_ = std::make_unique<Cluster>(
      *master->store_, clock,
      [&control](ControlThread::Work work) { control.Post(std::move(work)); }, master->data_.get());
  Cluster& cluster = *master->cluster_;
  if (absl::Status status = cluster.Recover(); !status.ok()) return status;
  control.Start(cluster);

  master->fleet_ =
      std::make_unique<FleetService>(*master->access_, cluster, control, *master->data_, clock);
  master->api_ = std::make_unique<ApiService>(*master->access_, cluster, control, *master->store_,
                                              *master->data_);
  auto listening =
      Listen(options, std::move(entrance->credentials), *master->fleet_, *master->api_);
  if (!listening.ok()) return listening.status();
  master->server_ = std::move(listening->server);
  master->grpc_port_ = listening->port;

  if (!options.http_listen.empty()) {
    auto web = MasterWeb::Start(options.http_listen, options.insecure_listen,
                                [&cluster] { return cluster.Published(); });
    if (!web.ok()) return web.status();
    master->web_ = *std::move(web);
  }
  return master;
}

Master::~Master() {
  web_.reset();
  // A call that waits for the store would hold the server up for as long as the store is stuck.
  if (cluster_ != nullptr) control_->Post([cluster = cluster_.get()] { cluster->Close(); });
  // Streams are cancelled at once; their ends still reach the control thread.
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
  if (control_ != nullptr) control_->Stop();
  server_.reset();
  store_.reset();  // commits what is queued; its callbacks post to a closed mailbox
}

std::shared_ptr<grpc::Channel> Master::InProcessChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);  // the peer is this process
  return server_->InProcessChannel(arguments);
}

void Master::DoOnce(v1::Plan plan, Secrets secrets, OnceSession::Listener listener) {
  control_->Post([cluster = cluster_.get(), plan = std::move(plan), secrets = std::move(secrets),
                  listener = std::move(listener)]() mutable {
    cluster->DoOnce(std::move(plan), std::move(secrets), std::move(listener));
  });
}

int Master::http_port() const {
  return web_ == nullptr ? 0 : web_->port();
}

}  // namespace loadfleet
