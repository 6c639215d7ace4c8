#include "agent/engine/planned_addresses.h"

namespace loadfleet {

absl::StatusOr<std::vector<SocketAddress>> PlannedAddresses(const std::string& host, uint16_t port,
                                                            const std::string& unix_socket,
                                                            const v1::DnsPolicy& dns) {
  std::vector<SocketAddress> addresses;
  if (!unix_socket.empty()) {
    auto address = UnixAddress(unix_socket);
    if (!address.ok()) return address.status();
    addresses.push_back(*address);
    return addresses;
  }
  for (const v1::HostAddresses& known : dns.hosts()) {
    if (known.host() != host) continue;
    for (const std::string& text : known.addresses()) {
      auto address = ParseIpAddress(text, port);
      if (!address.ok()) return address.status();
      addresses.push_back(*address);
    }
    return addresses;
  }
  if (auto address = ParseIpAddress(host, port); address.ok()) addresses.push_back(*address);
  return addresses;
}

}  // namespace loadfleet
