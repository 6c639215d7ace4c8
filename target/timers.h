// The deadlines of one loop's connections: at most one each.
#pragma once

#include <optional>
#include <set>
#include <utility>

#include "common/clock.h"

namespace loadfleet::target {

class Connection;

// Not thread-safe. A set and not a heap, so that a closed connection leaves nothing behind.
class Timers {
 public:
  void Set(Connection* connection, Nanos at) { entries_.emplace(at, connection); }
  void Cancel(Connection* connection, Nanos at) { entries_.erase({at, connection}); }

  std::optional<Nanos> Earliest() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.begin()->first;
  }

  // Removes and returns the earliest that is due; null: none.
  Connection* TakeDue(Nanos now) {
    if (entries_.empty() || entries_.begin()->first > now) return nullptr;
    return entries_.extract(entries_.begin()).value().second;
  }

 private:
  std::set<std::pair<Nanos, Connection*>> entries_;
};

}  // namespace loadfleet::target
