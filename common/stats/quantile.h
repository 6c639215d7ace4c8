// Quantiles of a distribution of which some samples are censored: known only to be above an age.
//
// A censored sample (an arrival that was dropped, timed out, interrupted or failed) ranks above
// every complete one: where it would have ended is unknown. A quantile whose rank falls among them
// is a lower bound, printed ">= x", and fails every "<" threshold. Otherwise dropping would hide
// exactly the waits that matter.
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "common/stats/histogram.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

struct QuantileValue {
  double micros = 0;
  bool lower_bound = false;  // the true value is at least `micros`
};

// For each q of `quantiles` (each in [0, 1]; 1 is the maximum) the value of rank ceil(q * n), as
// the largest value of its bucket but never above the exact maximum. An empty distribution gives 0.
std::vector<QuantileValue> QuantilesOf(const Histogram& observed, const Histogram& censored,
                                       absl::Span<const double> quantiles);

// p50, p90, p99 and maximum.
v1::Quantiles SummaryQuantiles(const Histogram& observed, const Histogram& censored);

}  // namespace loadfleet
