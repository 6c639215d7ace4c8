// Where a host is when nobody need be asked.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/connection/address.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The plan's Unix socket in place of every host, what the plan says of `host`, or `host` itself
// when it is an address. None: DNS knows. INVALID_ARGUMENT: what the plan says is no address.
absl::StatusOr<std::vector<SocketAddress>> PlannedAddresses(const std::string& host, uint16_t port,
                                                            const std::string& unix_socket,
                                                            const v1::DnsPolicy& dns);

}  // namespace loadfleet
