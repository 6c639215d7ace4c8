#include "common/clock.h"

#include <time.h>

namespace loadfleet {
namespace {

Nanos Read(clockid_t id) {
  timespec ts;
  clock_gettime(id, &ts);
  return ts.tv_sec * kSecond + ts.tv_nsec;
}

class KernelClock final : public Clock {
 public:
  Nanos Now() const override { return Read(CLOCK_MONOTONIC); }
  Nanos NowWithSuspend() const override { return Read(CLOCK_BOOTTIME); }
  int64_t WallMillis() const override { return Read(CLOCK_REALTIME) / kMillisecond; }
};

}  // namespace

const Clock& SystemClock() {
  static const KernelClock clock;
  return clock;
}

}  // namespace loadfleet
