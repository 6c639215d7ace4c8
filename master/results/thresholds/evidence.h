// What a threshold has seen, and what that comes to.
#pragma once

#include <cstdint>

#include "common/clock.h"
#include "common/stats/histogram.h"
#include "loadfleet/v1/metrics.pb.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Of a second, of a window or of everything so far: a time has histograms, anything else counts.
// Merges by addition. Not thread-safe.
struct Evidence {
  Histogram times;
  Histogram censored;  // known only to be above an age, and ranked above every complete sample
  uint64_t count = 0;
  uint64_t of = 0;  // what `count` is a share of

  bool empty() const { return times.empty() && censored.empty() && count == 0 && of == 0; }
  void Merge(const Evidence& other);
  void Clear();
};

// The same, small: what a window keeps of each of its seconds.
struct EvidenceOfSecond {
  v1::SparseHistogram times;
  v1::SparseHistogram censored;
  uint64_t count = 0;
  uint64_t of = 0;
};
EvidenceOfSecond Packed(const Evidence& evidence);
void MergePacked(const EvidenceOfSecond& second, Evidence* into);

// In the unit of a threshold's limit.
struct ThresholdValue {
  bool no_data = false;  // a time or a share of nothing, a rate over no time; a count is 0
  double value = 0;
  bool lower_bound = false;  // a quantile among censored samples: the true value is at least that
};

// `span`: how long the evidence was gathered; 0 or less: not at all yet.
ThresholdValue ValueOf(const v1::Threshold& threshold, const Evidence& evidence, Nanos span);

// Whether the condition holds. A lower bound fails whatever asks for less or for the same, and
// fulfils what asks for more only when it is more already. Of no data the threshold says itself.
bool Holds(const v1::Threshold& threshold, const ThresholdValue& value);

// Whether `a` is farther on the wrong side of the limit than `b`, or nearer to it on the right one.
// Data says more than none, and a lower bound may be any more than it says.
bool Worse(const v1::Threshold& threshold, const ThresholdValue& a, const ThresholdValue& b);

}  // namespace loadfleet
