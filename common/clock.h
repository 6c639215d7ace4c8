// Where time comes from. Nothing else in loadfleet reads a clock, so that tests can own time.
#pragma once

#include <cstdint>

namespace loadfleet {

// Nanoseconds of a monotonic clock. Its zero is arbitrary: two machines' clocks share only their
// pace.
using Nanos = int64_t;

inline constexpr Nanos kMicrosecond = 1'000;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;

// Thread-safe. The one implementation for programs is SystemClock(); tests use ManualClock.
class Clock {
 public:
  virtual ~Clock() = default;

  // Durations are differences of this. Stands still while the machine is suspended.
  virtual Nanos Now() const = 0;

  // For leases: runs on while the machine is suspended, so that a lease also ends in a sleeping
  // laptop.
  virtual Nanos NowWithSuspend() const = 0;

  // Milliseconds since the Unix epoch, for people only: never subtracted, never compared.
  virtual int64_t WallMillis() const = 0;
};

// CLOCK_MONOTONIC, CLOCK_BOOTTIME and CLOCK_REALTIME. Lives for the whole program.
const Clock& SystemClock();

}  // namespace loadfleet
