#include "agent/connection/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"

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
  char host[NI_MAXHOST] = "?";
  char port[NI_MAXSERV] = "?";
  getnameinfo(get(), length, host, sizeof(host), port, sizeof(port),
              NI_NUMERICHOST | NI_NUMERICSERV);
  return family() == AF_INET6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::Status CheckTarget(const SocketAddress& address, TargetScope scope) {
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

absl::StatusOr<std::vector<SocketAddress>> ResolveHost(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("cannot resolve ", host, ": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, &freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.length = entry->ai_addrlen;
    addresses.push_back(address);
  }
  if (addresses.empty()) return absl::UnavailableError(absl::StrCat(host, " has no address"));
  return addresses;
}

}  // namespace loadfleet
