#include "agent/link/clock_offset.h"

#include <algorithm>

namespace loadfleet {

void ClockOffset::Add(Nanos sent, Nanos received, Nanos answered, Nanos acked) {
  const Nanos round_trip = (acked - sent) - (answered - received);
  if (acked < sent || round_trip < 0) return;  // not an answer to that probe
  Probe& probe = probes_[count_++ % kKept];
  probe.offset = ((received - sent) + (answered - acked)) / 2;
  probe.bound = std::max<Nanos>(1, round_trip / 2);
}

const ClockOffset::Probe& ClockOffset::best() const {
  return *std::min_element(probes_.begin(), probes_.end(),
                           [](const Probe& a, const Probe& b) { return a.bound < b.bound; });
}

}  // namespace loadfleet
