// Iterations that wait for a moment: which is the next, to the nanosecond. The deadline wheel's
// tick would be lateness of every step.
#pragma once

#include <algorithm>
#include <vector>

#include "common/clock.h"

namespace loadfleet {

struct Iteration;

// A binary heap. One thread only. Borrows; allocates only when it holds more than ever before.
class DueQueue {
 public:
  static constexpr Nanos kNever = INT64_MAX;

  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  Nanos next() const { return heap_.empty() ? kNever : heap_.front().due; }

  void Push(Nanos due, Iteration& iteration) {
    heap_.push_back({due, &iteration});
    std::push_heap(heap_.begin(), heap_.end(), Later);
  }

  // The one that is due next. Not when empty.
  Iteration& Pop() {
    std::pop_heap(heap_.begin(), heap_.end(), Later);
    Iteration& iteration = *heap_.back().iteration;
    heap_.pop_back();
    return iteration;
  }

 private:
  struct Entry {
    Nanos due;
    Iteration* iteration;
  };
  static bool Later(const Entry& a, const Entry& b) { return a.due > b.due; }

  std::vector<Entry> heap_;
};

}  // namespace loadfleet
