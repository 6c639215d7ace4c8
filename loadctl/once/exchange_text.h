// What `loadctl run --once` prints: each exchange of a flow as a person reads it. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "loadfleet/v1/fleet.pb.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct OnceStyle {
  bool color = false;
  size_t body_bytes = 4096;  // of a text that is shown
};

// How a flow came out, and its part of the whole.
struct OnceTotals {
  uint64_t flows = 0;
  uint64_t exchanges = 0;
  uint64_t failed_checks = 0;
  uint64_t failed_exchanges = 0;  // by their outcome
  bool ok = true;                 // all that was done

  void Add(const v1::OnceDone& done);
};

// `plan`: as it may be shown. `role`: "setup", "flow" or "teardown".
std::string OnceText(const v1::Plan& plan, const std::string& role, const v1::OnceDone& done,
                     const OnceStyle& style);

// The last line.
std::string OnceSummary(const OnceTotals& totals, const OnceStyle& style);

}  // namespace loadfleet
