// How many VUs a closed model has at a time, and how many iterations they do.
#pragma once

#include <cstdint>
#include <optional>

#include "common/schedule/piecewise_linear.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct VuPlan {
  uint64_t vus = 0;                       // the most at a time, over the cluster
  Nanos duration = 0;                     // nothing begins after it
  std::optional<PiecewiseLinear> active;  // how many of them are active; none: all, all the time
  uint64_t iterations = 0;                // 0: as many as the time allows
  Nanos pace = 0;                         // from one start of a VU to the next, at least
  bool shared = false;                    // iterations are for all VUs together, else for each

  // Of a closed-model scenario.
  static VuPlan Of(const v1::Scenario& scenario);

  // How many of the shared iterations are VU n's by right: dealt like cards.
  uint64_t QuotaOf(uint64_t n) const {
    return shared ? iterations / vus + (n < iterations % vus ? 1 : 0) : iterations;
  }
};

}  // namespace loadfleet
