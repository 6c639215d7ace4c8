// When the target stands still.
#pragma once

#include "common/clock.h"

namespace loadfleet::target {

struct Freeze {
  Nanos length = 0;
  Nanos period = 0;

  // How long it still stands still, `elapsed` after its start; 0: not now. A freeze is the last
  // part of its period, so that whoever starts the target finds it serving.
  Nanos Left(Nanos elapsed) const {
    if (length == 0 || period == 0) return 0;
    const Nanos to_end = period - elapsed % period;
    return to_end <= length ? to_end : 0;
  }
};

}  // namespace loadfleet::target
