#include "master/results/tenure.h"

#include <algorithm>
#include <utility>

namespace loadfleet {

void Tenure::Gain(Nanos from, SlotSet slots) {
  changes_.push_back(Change{from, std::move(slots), 1});
}

void Tenure::Lose(Nanos from, SlotSet slots) {
  changes_.push_back(Change{from, std::move(slots), -1});
}

double Tenure::Share(Nanos from, Nanos to) const {
  if (from >= to) return 0;
  double held = 0;  // slots times time
  for (const Change& change : changes_) {
    const Nanos since = std::max(from, change.from);
    if (since >= to) continue;
    held +=
        change.sign * static_cast<double>(change.slots.size()) * static_cast<double>(to - since);
  }
  return held / static_cast<double>(to - from) / kSlots;
}

uint64_t Tenure::PlannedBefore(Nanos end, const std::function<uint64_t(Nanos)>& arrivals) const {
  const uint64_t all = arrivals(end);
  uint64_t planned = 0;  // never below 0 in the end: what is lost had been gained
  for (const Change& change : changes_) {
    if (change.from >= end || change.slots.empty()) continue;
    const uint64_t since =
        change.slots.CountBelow(all) - change.slots.CountBelow(arrivals(change.from));
    if (change.sign > 0) {
      planned += since;
    } else {
      planned -= since;
    }
  }
  return planned;
}

}  // namespace loadfleet
