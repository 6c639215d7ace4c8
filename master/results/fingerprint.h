// A number for what was measured that adds up as the measurements do: the fingerprints of an
// agent's windows sum to the one of its summary, so that nobody keeps the sum itself to compare.
#pragma once

#include <cstdint>

#include "master/results/sums.h"

namespace loadfleet {

struct Fingerprint {
  // Of every counter and every bucket of each series. Adds up, modulo 2^64.
  uint64_t sum = 0;
  // Of the histograms' extremes, which are in no sum. Tells contents apart together with `sum`.
  uint64_t extremes = 0;
};

// Of what Sums::Check has passed. The order of series, and of what is within one, makes no
// difference. Tells mistakes apart; it does not keep out an attacker.
Fingerprint FingerprintOf(const Sums::ArrivalList& arrivals, const Sums::RequestList& requests,
                          const Sums::IterationList& iterations);

}  // namespace loadfleet
