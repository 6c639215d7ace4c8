// Which slots were one agent's, from when on: what was planned for it, whatever it did.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "common/clock.h"
#include "common/slots.h"

namespace loadfleet {

// Times are run time. What is gained and lost may be told in any order. Not thread-safe.
class Tenure {
 public:
  // What is intended from `from` on is (no longer) its own.
  void Gain(Nanos from, SlotSet slots);
  void Lose(Nanos from, SlotSet slots);

  // Of everything that the plan asks for between the two, on average; 0..1.
  double Share(Nanos from, Nanos to) const;

  // Its part of a schedule's arrivals before `end`. `arrivals`: how many all agents together have
  // before a run time.
  uint64_t PlannedBefore(Nanos end, const std::function<uint64_t(Nanos)>& arrivals) const;

 private:
  struct Change {
    Nanos from = 0;
    SlotSet slots;
    int sign = 1;
  };
  std::vector<Change> changes_;
};

}  // namespace loadfleet
