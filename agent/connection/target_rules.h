// Which targets whoever runs an agent allows it, whatever the plan.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "agent/connection/address.h"
#include "common/net/listen_address.h"

namespace loadfleet {

// Thread-safe.
class TargetRules {
 public:
  struct Options {
    // 10.1.2.3, 10.0.0.0/8, fd00::/8 or shop.example.test, each with :PORT or :FIRST-LAST behind it
    // when not all ports are meant (IPv6 then in brackets, [fd00::/8]:443). None: TargetScope says.
    std::vector<std::string> allow;
    // Where the control plane listens, which gets no load unless an entry names address and port.
    std::vector<HostPort> control_plane;
  };

  // INVALID_ARGUMENT: an entry is none.
  static absl::StatusOr<std::unique_ptr<TargetRules>> Create(const Options& options);

  // Looks up the names among the entries. They stand for the addresses that they have now, until
  // it is called again; before the first time, for none. A plan's `resolve` has no say in it.
  // Blocks, for as long as the system's name service does.
  void Resolve();

  // PERMISSION_DENIED, naming the address and the reason. Link-local addresses and the metadata
  // services of clouds only when an entry is exactly this address.
  absl::Status Check(const SocketAddress& address, TargetScope scope) const;

 private:
  struct Ports {
    uint16_t first = 0;
    uint16_t last = 65'535;
  };
  struct Range {
    SocketAddress network;
    int bits = 0;  // how many of it count
    Ports ports;
  };
  struct Name {
    std::string host;
    Ports ports;
  };

  static absl::StatusOr<Ports> ParsePorts(absl::string_view text);
  absl::Status Add(absl::string_view entry);
  static bool Matches(const Range& range, const SocketAddress& address);

  std::vector<Range> ranges_;
  std::vector<Name> names_;
  std::vector<HostPort> control_plane_;
  mutable absl::Mutex mutex_;
  std::vector<Range> named_ ABSL_GUARDED_BY(mutex_);  // what names_ stand for
  std::vector<SocketAddress> own_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace loadfleet
