#include "target/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace loadfleet::target {
namespace {

constexpr int kBacklog = 4'096;  // the kernel lowers it to net.core.somaxconn

struct Place {
  std::string host;
  std::string port;
};

std::optional<Place> Split(absl::string_view listen) {
  const size_t colon = listen.rfind(':');
  if (colon == listen.npos || colon == 0) return std::nullopt;
  absl::string_view host = listen.substr(0, colon);
  const absl::string_view port = listen.substr(colon + 1);
  if (absl::ConsumePrefix(&host, "[")) {
    if (!absl::ConsumeSuffix(&host, "]")) return std::nullopt;
  } else if (host.find(':') != host.npos) {
    return std::nullopt;
  }
  int number = 0;
  if (port.find_first_not_of("0123456789") != port.npos) return std::nullopt;
  if (!absl::SimpleAtoi(port, &number) || number > 65'535) return std::nullopt;
  return Place{std::string(host), std::string(port)};
}

absl::Status CannotListen(const std::string& listen, int error) {
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", listen, ": ",
                   error == EADDRINUSE ? "the port is in use" : strerror(error)));
}

bool Enable(int fd, int level, int option) {
  const int on = 1;
  return setsockopt(fd, level, option, &on, sizeof(on)) == 0;
}

int PortOf(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace

absl::StatusOr<Listeners> Listen(const std::string& listen, uint32_t count) {
  const std::optional<Place> place = Split(listen);
  if (!place) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on \"", listen, "\": write HOST:PORT, such as 127.0.0.1:8080"));
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(place->host.c_str(), place->port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", listen, ": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);

  Listeners listeners;
  sockaddr_storage address = {};
  socklen_t length = found->ai_addrlen;
  memcpy(&address, found->ai_addr, length);
  for (uint32_t i = 0; i < count; ++i) {
    OwnedFd fd(socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.ok()) return CannotListen(listen, errno);
    // TCP_NODELAY is inherited by what is accepted. The first socket claims the port for itself
    // alone, and only then opens it to the others: with SO_REUSEPORT from the start, a second
    // target would silently share it.
    if (!Enable(fd.get(), SOL_SOCKET, SO_REUSEADDR) ||
        !Enable(fd.get(), IPPROTO_TCP, TCP_NODELAY) ||
        (i > 0 && !Enable(fd.get(), SOL_SOCKET, SO_REUSEPORT)) ||
        bind(fd.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        (i == 0 && count > 1 && !Enable(fd.get(), SOL_SOCKET, SO_REUSEPORT))) {
      return CannotListen(listen, errno);
    }
    if (i == 0) {  // with port 0 the kernel has chosen: the others follow
      if (getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        return CannotListen(listen, errno);
      }
      listeners.port = PortOf(address);
    }
    listeners.sockets.push_back(std::move(fd));
  }
  for (const OwnedFd& fd : listeners.sockets) {
    if (::listen(fd.get(), kBacklog) != 0) return CannotListen(listen, errno);
  }
  return listeners;
}

}  // namespace loadfleet::target
