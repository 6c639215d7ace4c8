#include "master/results/thresholds/thresholds.h"

#include <algorithm>

namespace loadfleet {

Thresholds::Thresholds(const v1::Plan& plan) {
  for (const v1::Threshold& threshold : plan.thresholds()) watches_.emplace_back(plan, threshold);
}

void Thresholds::AddSecond(uint32_t second, const Sums& sums) {
  for (ThresholdWatch& watch : watches_) watch.AddSecond(second, sums);
}

void Thresholds::AddLate(const Sums& sums) {
  for (ThresholdWatch& watch : watches_) watch.AddLate(sums);
}

void Thresholds::EndLoad(Nanos elapsed) {
  for (ThresholdWatch& watch : watches_) watch.EndLoad(elapsed);
}

Thresholds::Results Thresholds::Standing() const {
  Results results;
  for (const ThresholdWatch& watch : watches_) *results.Add() = watch.Standing();
  return results;
}

Thresholds::Results Thresholds::Final(Nanos duration) const {
  Results results;
  for (const ThresholdWatch& watch : watches_) *results.Add() = watch.Final(duration);
  return results;
}

std::optional<v1::ThresholdResult> Thresholds::Aborting() const {
  const auto found = std::find_if(watches_.begin(), watches_.end(),
                                  [](const ThresholdWatch& watch) { return watch.aborts(); });
  if (found == watches_.end()) return std::nullopt;
  return found->Standing();
}

}  // namespace loadfleet
