// How far the master's monotonic clock is ahead of ours, measured by heartbeats.
//
// Source: RFC 5905, 8 (the on-wire protocol's offset and delay). Of several probes the one with the
// smallest round trip has the smallest error: at most half that round trip.
#pragma once

#include <array>
#include <cstddef>

#include "common/clock.h"

namespace loadfleet {

// One thread only.
class ClockOffset {
 public:
  // A probe left at `sent`, was read by the master at `received` and answered at `answered` (its
  // clock), and came back at `acked`.
  void Add(Nanos sent, Nanos received, Nanos answered, Nanos acked);

  bool known() const { return count_ > 0; }
  Nanos offset() const { return best().offset; }  // master's clock - ours
  Nanos bound() const { return best().bound; }    // of its error

 private:
  // Two clocks drift by some 10 us a second: older probes than these say less than their round trip
  // promises.
  static constexpr size_t kKept = 64;
  struct Probe {
    Nanos offset = 0;
    Nanos bound = INT64_MAX;
  };
  const Probe& best() const;

  std::array<Probe, kKept> probes_;
  size_t count_ = 0;
};

}  // namespace loadfleet
