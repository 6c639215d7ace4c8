// The exchanges of one executor that are on their way: where they are kept, and which is the
// oldest.
#pragma once

#include <deque>

#include "agent/scenario/exchange.h"

namespace loadfleet {

// One thread only. Exchanges are reused, so that a warm executor allocates nothing.
class InFlight {
 public:
  // A fresh exchange, the youngest. Valid until Release.
  Exchange& Acquire() {
    Exchange& exchange = free_ == nullptr ? storage_.emplace_back() : *free_;
    if (free_ == &exchange) free_ = exchange.next;
    exchange.sent = 0;
    exchange.resent = false;
    exchange.older = youngest_;
    exchange.newer = nullptr;
    (youngest_ == nullptr ? oldest_ : youngest_->newer) = &exchange;
    youngest_ = &exchange;
    ++count_;
    return exchange;
  }

  void Release(Exchange& exchange) {
    (exchange.older == nullptr ? oldest_ : exchange.older->newer) = exchange.newer;
    (exchange.newer == nullptr ? youngest_ : exchange.newer->older) = exchange.older;
    exchange.next = free_;
    free_ = &exchange;
    --count_;
  }

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  const Exchange* oldest() const { return oldest_; }

 private:
  std::deque<Exchange> storage_;
  Exchange* free_ = nullptr;  // through Exchange::next: a list never grows
  Exchange* oldest_ = nullptr;
  Exchange* youngest_ = nullptr;
  size_t count_ = 0;
};

}  // namespace loadfleet
