// Socket addresses of a target, and which of them an agent may send load to.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace loadfleet {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  std::string ToString() const;  // "127.0.0.1:8080", "[::1]:8080"
};

// Where load may go without an allow-list. Link-local addresses and the metadata services of clouds
// are always refused.
enum class TargetScope {
  kPrivate,  // loopback and private ranges: what a daemon allows on its own
  kAny,      // `loadctl run`, where the person and the machine are one
};

// PERMISSION_DENIED, naming the address and the reason.
absl::Status CheckTarget(const SocketAddress& address, TargetScope scope);

// Blocking; never on a worker's or the link's thread. All addresses of the host. UNAVAILABLE when
// there is none.
absl::StatusOr<std::vector<SocketAddress>> ResolveHost(const std::string& host, uint16_t port);

}  // namespace loadfleet
