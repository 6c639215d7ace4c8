#include "agent/connection/dns_resolver.h"

#include <ares.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/clock.h"

namespace loadfleet {
namespace {

// The second try waits twice as long.
constexpr int kTimeoutMillis = 2'000;
constexpr int kTries = 2;

absl::Status StatusOf(const std::string& host, int ares_status) {
  const std::string message =
      absl::StrCat("cannot resolve ", host, ": ", ares_strerror(ares_status));
  const bool none =
      ares_status == ARES_ENOTFOUND || ares_status == ARES_ENODATA || ares_status == ARES_ENONAME;
  return none ? absl::NotFoundError(message) : absl::UnavailableError(message);
}

std::vector<SocketAddress> AddressesOf(const ares_addrinfo& found, uint16_t port) {
  std::vector<SocketAddress> addresses;
  for (const ares_addrinfo_node* node = found.nodes; node != nullptr; node = node->ai_next) {
    SocketAddress address;
    memcpy(&address.storage, node->ai_addr, node->ai_addrlen);
    address.length = static_cast<socklen_t>(node->ai_addrlen);
    if (node->ai_family == AF_INET) {
      reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
    } else if (node->ai_family == AF_INET6) {
      reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = htons(port);
    } else {
      continue;
    }
    // A name that stands twice in /etc/hosts has its address twice.
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) {
      addresses.push_back(address);
    }
  }
  return addresses;
}

}  // namespace

// One of c-ares' own.
struct DnsResolver::Socket final : IoHandler {
  Socket(DnsResolver& owner, int descriptor) : resolver(owner), fd(descriptor) {}

  void OnIo(uint32_t events) override {
    if (fd < 0) return;  // closed by what was handled a moment ago
    const bool readable = (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
    const bool writable = (events & EPOLLOUT) != 0;
    resolver.Process(readable ? fd : ARES_SOCKET_BAD, writable ? fd : ARES_SOCKET_BAD);
  }

  DnsResolver& resolver;
  int fd;
};

struct DnsResolver::Query {
  std::string host;
  uint16_t port;
  Done done;

  static void Answered(void* self, int status, int /*timeouts*/, ares_addrinfo* found) {
    const std::unique_ptr<Query> query(static_cast<Query*>(self));
    const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(found,
                                                                             &ares_freeaddrinfo);
    if (status == ARES_EDESTRUCTION) return;
    if (status != ARES_SUCCESS) return query->done(StatusOf(query->host, status));
    std::vector<SocketAddress> addresses = AddressesOf(*found, query->port);
    if (addresses.empty()) return query->done(StatusOf(query->host, ARES_ENODATA));
    query->done(std::move(addresses));
  }
};

absl::StatusOr<std::unique_ptr<DnsResolver>> DnsResolver::Create(EventLoop& loop,
                                                                 const std::string& servers) {
  // Once a process, before any channel; its counterpart would have to come after the last one.
  static const int initialised = ares_library_init(ARES_LIB_INIT_ALL);
  auto resolver = std::unique_ptr<DnsResolver>(new DnsResolver(loop));
  ares_options options{};
  options.timeout = kTimeoutMillis;
  options.tries = kTries;
  options.sock_state_cb_data = resolver.get();
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<DnsResolver*>(self)->OnSocketState(fd, readable != 0, writable != 0);
  };
  int status = initialised;
  if (status == ARES_SUCCESS) {
    status = ares_init_options(&resolver->channel_, &options,
                               ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  }
  if (status == ARES_SUCCESS && !servers.empty()) {
    status = ares_set_servers_ports_csv(resolver->channel_, servers.c_str());
  }
  if (status != ARES_SUCCESS) {
    return absl::UnavailableError(absl::StrCat("cannot resolve any name: ", ares_strerror(status)));
  }
  return resolver;
}

DnsResolver::DnsResolver(EventLoop& loop) : loop_(loop) {}

DnsResolver::~DnsResolver() {
  if (channel_ != nullptr) ares_destroy(channel_);
}

void DnsResolver::Resolve(const std::string& host, uint16_t port, Done done) {
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  // In the order in which they were given: which of them is nearest is no question for a load.
  hints.ai_flags = ARES_AI_NOSORT;
  auto query = std::make_unique<Query>(Query{host, port, std::move(done)});
  ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &Query::Answered, query.release());
  SetTimer();
}

void DnsResolver::Process(int readable, int writable) {
  ares_process_fd(channel_, readable, writable);
  SetTimer();
}

void DnsResolver::SetTimer() {
  timeval left{};
  if (ares_timeout(channel_, nullptr, &left) == nullptr) return loop_.wheel().Cancel(*this);
  loop_.wheel().Set(*this, loop_.clock().Now() + left.tv_sec * kSecond + left.tv_usec * 1'000);
}

void DnsResolver::OnDeadline(Nanos /*now*/) {
  Process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void DnsResolver::OnSocketState(int fd, bool readable, bool writable) {
  auto place = sockets_.find(fd);
  if (!readable && !writable) {
    loop_.Watch(fd, 0, nullptr);
    if (place == sockets_.end()) return;
    place->second->fd = -1;
    loop_.Bury(std::move(place->second));
    sockets_.erase(place);
    return;
  }
  if (place == sockets_.end()) {
    place = sockets_.emplace(fd, std::make_unique<Socket>(*this, fd)).first;
  }
  loop_.Watch(fd, (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U), place->second.get());
}

absl::StatusOr<std::vector<SocketAddress>> ResolveHost(const std::string& host, uint16_t port) {
  auto loop = EventLoop::Create(SystemClock());
  if (!loop.ok()) return loop.status();
  auto resolver = DnsResolver::Create(**loop);
  if (!resolver.ok()) return resolver.status();
  std::optional<absl::StatusOr<std::vector<SocketAddress>>> answer;
  (*resolver)->Resolve(host, port, [&](auto found) { answer = std::move(found); });
  while (!answer) (*loop)->RunOnce((*loop)->wheel().NextAdvance());
  return *std::move(answer);
}

}  // namespace loadfleet
