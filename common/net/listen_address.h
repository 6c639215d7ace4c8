// Where a daemon listens, and who may decide that.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace loadfleet {

// An address that a socket can be bound to.
struct ListenAddress {
  std::string host;  // numeric, IPv6 without brackets
  int port = 0;      // 0: any free one
  bool ipv6 = false;

  bool IsLoopback() const;
  std::string ToString() const;  // "127.0.0.1:7070", "[::1]:7070"
};

// HOST:PORT with HOST an IPv4 address, an IPv6 address in brackets, `localhost` (127.0.0.1) or
// nothing (0.0.0.0: every interface). INVALID_ARGUMENT on anything else: a name could mean another
// interface tomorrow.
absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text);

// ParseListenAddress, and the one rule for every listener of ours: beyond loopback only where the
// operator said --insecure-listen, since nothing is encrypted and nobody is asked for a name yet.
// FAILED_PRECONDITION otherwise.
absl::StatusOr<ListenAddress> AllowedListenAddress(std::string_view text, bool insecure_listen);

}  // namespace loadfleet
