// What one agent has measured, added up over its requests: there may be thousands of agents, and
// the sums of each request are kept over all of them (sums.h).
#pragma once

#include <map>

#include "master/results/sums.h"

namespace loadfleet {

// Not thread-safe.
class AgentSums {
 public:
  // What Sums::Check has passed.
  void Add(const Sums::ArrivalList& arrivals, const Sums::RequestList& requests,
           const Sums::IterationList& iterations, const UnmeasuredStages& unmeasured);
  // Another agent's.
  void Merge(const AgentSums& other);

  const std::map<Sums::ArrivalsId, ArrivalCounts>& arrivals() const { return arrivals_; }
  // Of all; the times only of what is measured.
  const RequestStats& requests() const { return requests_; }

  v1::Totals ToTotals() const;
  v1::Totals ToTotalsWithoutTimes() const;

 private:
  std::map<Sums::ArrivalsId, ArrivalCounts> arrivals_;
  RequestStats requests_;
  IterationStats iterations_;  // without groups
};

}  // namespace loadfleet
