// The iterations of one executor that are on their way: where they are kept, and in which order
// they arrived.
#pragma once

#include <deque>

#include "agent/scenario/iteration.h"

namespace loadfleet {

// One thread only. Iterations are reused, so that a warm executor allocates nothing.
class InFlight {
 public:
  // A fresh iteration, the youngest. Valid until Release.
  Iteration& Acquire() {
    Iteration& iteration =
        free_ == nullptr ? storage_.emplace_back() : static_cast<Iteration&>(*free_);
    if (free_ == &iteration) free_ = iteration.next;
    iteration.older = youngest_;
    iteration.newer = nullptr;
    (youngest_ == nullptr ? oldest_ : youngest_->newer) = &iteration;
    youngest_ = &iteration;
    ++count_;
    return iteration;
  }

  void Release(Iteration& iteration) {
    (iteration.older == nullptr ? oldest_ : iteration.older->newer) = iteration.newer;
    (iteration.newer == nullptr ? youngest_ : iteration.newer->older) = iteration.older;
    iteration.next = free_;
    free_ = &iteration;
    --count_;
  }

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  const Exchange* oldest() const { return oldest_; }

 private:
  std::deque<Iteration> storage_;
  Exchange* free_ = nullptr;  // through Exchange::next: a list never grows
  Exchange* oldest_ = nullptr;
  Exchange* youngest_ = nullptr;
  size_t count_ = 0;
};

}  // namespace loadfleet
