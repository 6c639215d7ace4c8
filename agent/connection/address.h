// Socket addresses of a target, and which of them an agent may send load to.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace loadfleet {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  std::string ToString() const;  // "127.0.0.1:8080", "[::1]:8080", "unix:/run/app.sock"

  friend bool operator==(const SocketAddress& a, const SocketAddress& b);
};

// INVALID_ARGUMENT unless `text` is an IPv4 or IPv6 address; no name is looked up.
absl::StatusOr<SocketAddress> ParseIpAddress(absl::string_view text, uint16_t port);

// Of a stream socket (unix(7)). INVALID_ARGUMENT: the path is too long for one.
absl::StatusOr<SocketAddress> UnixAddress(absl::string_view path);

// Where load may go without an allow-list. Link-local addresses and the metadata services of clouds
// are always refused.
enum class TargetScope {
  kPrivate,  // loopback and private ranges: what a daemon allows on its own
  kAny,      // `loadctl run`, where the person and the machine are one: Unix sockets too
};

// PERMISSION_DENIED, naming the address and the reason.
absl::Status CheckTarget(const SocketAddress& address, TargetScope scope);

class TargetRules;

// What whoever runs an agent says of its load, whatever the plan.
struct NetworkPolicy {
  TargetScope scope = TargetScope::kPrivate;
  std::shared_ptr<TargetRules> rules;  // null: what `scope` says
  // Addresses of this machine that connections come from, in turn; none: the kernel chooses. Each
  // has some 28,000 ports to one address of a target (ip(7), ip_local_port_range).
  std::vector<SocketAddress> sources;
};

// As TargetRules::Check or CheckTarget; FAILED_PRECONDITION: there are sources, and none of the
// address's family.
absl::Status CheckReach(const SocketAddress& address, const NetworkPolicy& policy);

}  // namespace loadfleet
