// Where a daemon listens, and who may decide that.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace loadfleet {

struct HostPort {
  std::string host;  // IPv6 without brackets; may be empty
  int port = 0;      // 0..65535
};

// HOST:PORT or [IPV6]:PORT, split but not resolved. INVALID_ARGUMENT on anything else.
absl::StatusOr<HostPort> ParseHostPort(absl::string_view text);

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
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// ParseListenAddress, and the one rule for every listener of ours that is not encrypted: beyond
// loopback only where the operator said --insecure-listen. FAILED_PRECONDITION otherwise.
absl::StatusOr<ListenAddress> AllowedListenAddress(absl::string_view text, bool insecure_listen);

}  // namespace loadfleet
