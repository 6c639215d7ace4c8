// When the target stands still.
#pragma once

#include "common/clock.h"

namespace loadfleet::target {

struct Freeze {
  Nanos length = 0;
  Nanos period = 0;

  // How long it still stands still, `elapsed` after its start; 0: not now. At `elapsed` 0 a freeze begins.
  Nanos Left(Nanos elapsed) const {
    if (length == 0 || period == 0) return 0;
    const Nanos into = elapsed % period;
    return into < length ? length - into : 0;
  }
};

}  // namespace loadfleet::target
