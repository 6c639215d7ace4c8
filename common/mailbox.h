// A queue of events for one thread that owns some state: gRPC callbacks and other threads only
// post, the owner decides.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"

namespace loadfleet {

// Thread-safe. Unbounded: every producer is either bounded itself or read at the pace of this
// queue's owner.
template <typename Event>
class Mailbox {
 public:
  // False, and the event is dropped, once closed.
  bool Post(Event event) {
    absl::MutexLock lock(&mutex_);
    if (closed_) return false;
    events_.push_back(std::move(event));
    return true;
  }

  // The next event; nothing after `timeout` (at most) or when closed and empty.
  std::optional<Event> Take(Nanos timeout) {
    absl::MutexLock lock(&mutex_);
    const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return closed_ || !events_.empty();
    };
    mutex_.AwaitWithTimeout(absl::Condition(&ready), absl::Nanoseconds(timeout < 0 ? 0 : timeout));
    if (events_.empty()) return std::nullopt;
    Event event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  // What was posted before is still taken.
  void Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }

  bool closed() const {
    absl::MutexLock lock(&mutex_);
    return closed_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::deque<Event> events_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace loadfleet
