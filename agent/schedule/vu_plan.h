// How many VUs a closed model has at a time, and how many iterations they do.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "common/schedule/piecewise_linear.h"
#include "common/slots.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct VuPlan {
  uint64_t vus = 0;                       // the most at a time, over the cluster
  Nanos duration = 0;                     // nothing begins after it
  std::optional<PiecewiseLinear> active;  // how many of them are active; none: all, all the time
  uint64_t iterations = 0;                // 0: as many as the time allows
  uint64_t most_iterations = 0;           // of all VUs, by Scenario.most_iterations; 0: any number
  Nanos pace = 0;                         // from one start of a VU to the next, at least
  bool shared = false;                    // iterations are for all VUs together, else for each

  // Of a closed-model scenario.
  static VuPlan Of(const v1::Scenario& scenario);

  // Whether they are a fixed number at most.
  bool counted() const { return iterations > 0 || most_iterations > 0; }

  // How many of these are VU n's by right: what they have together is dealt like cards.
  uint64_t QuotaOf(uint64_t n) const {
    const auto dealt = [&](uint64_t all) { return all / vus + (n < all % vus ? 1 : 0); };
    const uint64_t most = most_iterations == 0 ? UINT64_MAX : most_iterations;
    if (shared) return dealt(std::min(iterations, most));
    return std::min(iterations == 0 ? UINT64_MAX : iterations,
                    most_iterations == 0 ? UINT64_MAX : dealt(most));
  }

  // The number, among those of all VUs, of the k-th of the iterations (from 0) that the VUs of
  // `slots` share by right, `own` of them.
  uint64_t SharedNumber(uint64_t k, const SlotSet& slots, uint64_t own) const {
    return k / own * vus + slots.IndexAt(k % own);
  }
};

}  // namespace loadfleet
