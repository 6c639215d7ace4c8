// The machine's way to resolve names (/etc/hosts, /etc/resolv.conf), by c-ares on an event loop.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/connection/resolver.h"
#include "agent/engine/event_loop.h"

struct ares_channeldata;

namespace loadfleet {

// The loop's thread only, which it never blocks beyond reading /etc/hosts. A question that nobody
// answers ends after 6 s for each name server.
class DnsResolver final : public Resolver, private DeadlineWheel::Timer {
 public:
  // Reads the machine's configuration. `servers` instead of its name servers, unless it is empty:
  // "127.0.0.1:5353". UNAVAILABLE: c-ares cannot start.
  static absl::StatusOr<std::unique_ptr<DnsResolver>> Create(EventLoop& loop,
                                                             const std::string& servers = "");
  ~DnsResolver() override;

  void Resolve(const std::string& host, uint16_t port, Done done) override;

 private:
  struct Socket;
  struct Query;

  explicit DnsResolver(EventLoop& loop);
  void Process(int readable, int writable);
  void SetTimer();
  void OnSocketState(int fd, bool readable, bool writable);
  void OnDeadline(Nanos now) override;

  EventLoop& loop_;
  ares_channeldata* channel_ = nullptr;
  std::map<int, std::unique_ptr<Socket>> sockets_;
};

// All addresses of `host`. Blocking, for as long as DnsResolver takes; never on a worker's or the
// link's thread. Errors: those of Resolver.
absl::StatusOr<std::vector<SocketAddress>> ResolveHost(const std::string& host, uint16_t port);

}  // namespace loadfleet
