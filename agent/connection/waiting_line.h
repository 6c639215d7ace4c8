// Exchanges that wait for a connection: first come, first served, each within its request's own
// limits.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "agent/scenario/exchange.h"

namespace loadfleet {

// One thread only. Borrows. A plan has few requests for one origin, so lanes are searched in turn.
class WaitingLine {
 public:
  // Those of one request, in their order; they share one listener.
  struct Lane {
    const RequestTemplate* request;
    ExchangeQueue queue;
    size_t connecting = 0;  // connections that are on their way for them
  };

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  void Push(Exchange& exchange) {
    LaneOf(*exchange.request).queue.Push(exchange);
    ++size_;
  }

  // The one that has waited longest. Not when empty.
  Exchange& Pop() {
    return Pop(*Oldest([](const Lane& lane) { return !lane.queue.empty(); }));
  }
  Exchange& Pop(size_t lane) {
    --size_;
    return lanes_[lane].queue.Pop();
  }

  // The lane that has waited longest of those that have more exchanges than the connections on
  // their way will take, at `room` each.
  std::optional<size_t> Unserved(size_t room) const {
    return Oldest([room](const Lane& lane) {
      return !lane.queue.empty() && (lane.queue.size() - 1) / room >= lane.connecting;
    });
  }

  size_t lanes() const { return lanes_.size(); }
  Lane& lane(size_t index) { return lanes_[index]; }

 private:
  Lane& LaneOf(const RequestTemplate& request) {
    for (Lane& lane : lanes_) {
      if (lane.request == &request) return lane;
    }
    return lanes_.emplace_back(Lane{&request, {}, 0});
  }

  template <typename Condition>
  std::optional<size_t> Oldest(const Condition& condition) const {
    std::optional<size_t> oldest;
    for (size_t i = 0; i < lanes_.size(); ++i) {
      if (!condition(lanes_[i])) continue;
      if (!oldest ||
          lanes_[i].queue.front().dispatched < lanes_[*oldest].queue.front().dispatched) {
        oldest = i;
      }
    }
    return oldest;
  }

  std::deque<Lane> lanes_;
  size_t size_ = 0;
};

}  // namespace loadfleet
