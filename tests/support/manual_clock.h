// A clock that moves only when a test says so.
#pragma once

#include <atomic>

#include "common/clock.h"

namespace loadfleet {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Nanos start = 1'000 * kSecond) : now_(start) {}

  Nanos Now() const override { return now_.load(); }
  Nanos NowWithSuspend() const override { return now_.load() + suspended_.load(); }
  int64_t WallMillis() const override {
    return 1'700'000'000'000 + (now_.load() + wall_steps_.load()) / kMillisecond;
  }

  void Advance(Nanos by) { now_ += by; }
  void AdvanceTo(Nanos to) { now_ = to; }
  void Suspend(Nanos by) { suspended_ += by; }
  // As NTP or a person sets a clock: forwards or back, and no duration changes.
  void StepWall(Nanos by) { wall_steps_ += by; }

 private:
  std::atomic<Nanos> now_;
  std::atomic<Nanos> suspended_{0};
  std::atomic<Nanos> wall_steps_{0};
};

}  // namespace loadfleet
