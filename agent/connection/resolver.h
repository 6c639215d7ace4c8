// Names to addresses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "agent/connection/address.h"

namespace loadfleet {

// One thread only. A test double stands in for DNS.
class Resolver {
 public:
  // NOT_FOUND: there is no such name, or it has no address. UNAVAILABLE: nobody could say.
  using Done = absl::AnyInvocable<void(absl::StatusOr<std::vector<SocketAddress>>)>;

  virtual ~Resolver() = default;

  // All addresses of `host`, with `port`. `done` is called once, possibly before this returns, or
  // never when this ends first.
  virtual void Resolve(const std::string& host, uint16_t port, Done done) = 0;
};

}  // namespace loadfleet
