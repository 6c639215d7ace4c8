// The gRPC settings that both ends of the control plane must agree on.
#pragma once

#include <memory>
#include <string>

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/server_builder.h>

namespace loadfleet {

// A channel to the master at `target` (HOST:PORT) with a connection of its own, which connects on
// first use, or fails to within 5 s. A peer that falls silent is given up after 30 s. Without
// `credentials` (common/net/rpc_credentials.h) nothing is encrypted.
std::shared_ptr<grpc::Channel> NewMasterChannel(
    const std::string& target,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials = nullptr);

// The same limits on the server's side. A port that is in use is then an error (the port selected
// by AddListeningPort stays 0), never shared with the process that has it.
void ApplyServerSettings(grpc::ServerBuilder* builder);

}  // namespace loadfleet
