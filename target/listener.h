// The listening sockets of a target: one a loop, all on one port.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "target/owned_fd.h"

namespace loadfleet::target {

struct Listeners {
  int port = 0;
  std::vector<OwnedFd> sockets;  // non-blocking
};

// UNAVAILABLE: "cannot listen on 127.0.0.1:8080: the port is in use", or what the system says.
// INVALID_ARGUMENT: `listen` is not HOST:PORT or [IPV6]:PORT.
absl::StatusOr<Listeners> Listen(const std::string& listen, uint32_t count);

}  // namespace loadfleet::target
