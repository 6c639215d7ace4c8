#include "agent/connection/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "agent/connection/target_rules.h"

namespace loadfleet {
namespace {

enum class Reach { kPublic, kPrivate, kForbidden };

// RFC 6890: loopback 127/8, private 10/8, 172.16/12, 192.168/16, shared 100.64/10, link-local
// 169.254/16.
Reach ReachOf(uint32_t v4) {
  const auto in = [v4](uint32_t network, int bits) {
    return (v4 >> (32 - bits)) == (network >> (32 - bits));
  };
  if (in(0xa9fe0000, 16)) return Reach::kForbidden;
  if (v4 == 0x646464c8) return Reach::kForbidden;  // 100.100.100.200, Alibaba Cloud's metadata
  if (in(0x7f000000, 8) || in(0x0a000000, 8) || in(0xac100000, 12) || in(0xc0a80000, 16) ||
      in(0x64400000, 10)) {
    return Reach::kPrivate;
  }
  return Reach::kPublic;
}

// RFC 4291: ::1, fe80::/10, v4-mapped; RFC 4193: fc00::/7.
Reach ReachOf(const in6_addr& v6) {
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    uint32_t v4;
    memcpy(&v4, &v6.s6_addr[12], sizeof(v4));
    return ReachOf(ntohl(v4));
  }
  if (IN6_IS_ADDR_LINKLOCAL(&v6)) return Reach::kForbidden;
  // fd00:ec2::/32 is Amazon's: metadata, time and names of its machines.
  static constexpr uint8_t kAmazon[] = {0xfd, 0x00, 0x0e, 0xc2};
  if (memcmp(v6.s6_addr, kAmazon, sizeof(kAmazon)) == 0) return Reach::kForbidden;
  if (IN6_IS_ADDR_LOOPBACK(&v6) || (v6.s6_addr[0] & 0xfe) == 0xfc) return Reach::kPrivate;
  return Reach::kPublic;
}

Reach ReachOf(const SocketAddress& address) {
  if (address.family() == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    return ReachOf(ntohl(v4->sin_addr.s_addr));
  }
  return ReachOf(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr);
}

}  // namespace

std::string SocketAddress::ToString() const {
  if (family() == AF_UNIX) {
    return absl::StrCat("unix:", reinterpret_cast<const sockaddr_un*>(&storage)->sun_path);
  }
  char host[NI_MAXHOST] = "?";
  char port[NI_MAXSERV] = "?";
  getnameinfo(get(), length, host, sizeof(host), port, sizeof(port),
              NI_NUMERICHOST | NI_NUMERICSERV);
  return family() == AF_INET6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

bool operator==(const SocketAddress& a, const SocketAddress& b) {
  return a.length == b.length && memcmp(&a.storage, &b.storage, a.length) == 0;
}

absl::StatusOr<SocketAddress> ParseIpAddress(absl::string_view text, uint16_t port) {
  const std::string host(text);
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.length = sizeof(sockaddr_in);
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.length = sizeof(sockaddr_in6);
    return address;
  }
  return absl::InvalidArgumentError(absl::StrCat("'", text, "' is no IPv4 or IPv6 address"));
}

absl::StatusOr<SocketAddress> UnixAddress(absl::string_view path) {
  SocketAddress address;
  auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.empty() || path.size() >= sizeof(un->sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the path of a Unix socket has 1 to ", sizeof(un->sun_path) - 1, " bytes: '", path, "'"));
  }
  un->sun_family = AF_UNIX;
  memcpy(un->sun_path, path.data(), path.size());
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

absl::Status CheckTarget(const SocketAddress& address, TargetScope scope) {
  if (address.family() == AF_UNIX) {
    if (scope == TargetScope::kAny) return absl::OkStatus();
    return absl::PermissionDeniedError(
        absl::StrCat("the target ", address.ToString(),
                     " is a socket of this agent's machine: only `loadctl run` sends load to one"));
  }
  switch (ReachOf(address)) {
    case Reach::kForbidden:
      return absl::PermissionDeniedError(
          absl::StrCat("the target ", address.ToString(),
                       " is link-local or a cloud's metadata service: refused"));
    case Reach::kPublic:
      if (scope == TargetScope::kAny) return absl::OkStatus();
      return absl::PermissionDeniedError(
          absl::StrCat("the target ", address.ToString(),
                       " is neither loopback nor in a private range: this agent refuses it"));
    case Reach::kPrivate:
      return absl::OkStatus();
  }
  return absl::InternalError("unknown reach");
}

absl::Status CheckReach(const SocketAddress& address, const NetworkPolicy& policy) {
  absl::Status allowed = policy.rules == nullptr ? CheckTarget(address, policy.scope)
                                                 : policy.rules->Check(address, policy.scope);
  if (!allowed.ok()) return allowed;
  if (policy.sources.empty() || address.family() == AF_UNIX) return absl::OkStatus();
  const bool reachable =
      std::any_of(policy.sources.begin(), policy.sources.end(),
                  [&](const SocketAddress& source) { return source.family() == address.family(); });
  if (reachable) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("no source address of this agent is of the family of ", address.ToString()));
}

}  // namespace loadfleet
