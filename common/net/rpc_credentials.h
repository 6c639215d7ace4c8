// gRPC's TLS with what a TlsFolder holds: TLS 1.3, both ends with certificates.
#pragma once

#include <memory>
#include <string>

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include "absl/status/statusor.h"
#include "common/net/tls_folder.h"

namespace loadfleet {

// Of the master. Clients are asked for a certificate, and whatever they show is let through the
// handshake: whether it is to be believed decides TrustedAuthorities at every call, where a refusal
// can say why and be written down, and where a token can take a certificate's place. Files that are
// replaced are taken from the next minute on.
std::shared_ptr<grpc::ServerCredentials> NewServerCredentials(const TlsFolder& folder);

// Of a client. It talks only to whoever shows a certificate with role master from one of the
// folder's CAs that names the host it called. INVALID_ARGUMENT as ReadTlsFolder.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> NewChannelCredentials(
    const TlsFolder& folder);

}  // namespace loadfleet
