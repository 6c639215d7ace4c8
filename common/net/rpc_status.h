// A status of ours as gRPC has it.
#pragma once

#include <string>

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace loadfleet {

// The two enumerations have the same numbers.
inline grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

// Why there is no connection, in the innermost words of gRPC's "failed to connect to all addresses;
// last error: UNKNOWN: ipv4:127.0.0.1:7070: Failed to connect to remote host: Connection refused".
inline std::string WhyUnreachable(const std::string& message) {
  const size_t colon = message.rfind(": ");
  std::string reason = colon == std::string::npos ? message : message.substr(colon + 2);
  if (reason.find("wrong version number") != std::string::npos) return "it speaks without TLS";
  // A master with TLS says nothing else to whoever comes without.
  if (reason == "Socket closed") reason += " (it may want --tls)";
  return reason;
}

}  // namespace loadfleet
