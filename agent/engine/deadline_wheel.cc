#include "agent/engine/deadline_wheel.h"

#include <algorithm>

namespace loadfleet {

void DeadlineWheel::Timer::Unlink() {
  if (!linked()) return;
  prev_->next_ = next_;
  next_->prev_ = prev_;
  prev_ = next_ = nullptr;
}

void DeadlineWheel::MakeEmpty(Timer& head) {
  head.prev_ = head.next_ = &head;
}

void DeadlineWheel::Insert(Timer& head, Timer& timer) {
  timer.prev_ = head.prev_;
  timer.next_ = &head;
  head.prev_->next_ = &timer;
  head.prev_ = &timer;
}

DeadlineWheel::DeadlineWheel(Nanos now) : current_(now / kTick) {
  for (Timer& place : places_) MakeEmpty(place);
}

void DeadlineWheel::Link(Timer& timer) {
  timer.Unlink();
  if (timer.deadline_ == kNever) return;
  timer.tick_ = std::clamp(TickOf(timer.deadline_), current_ + 1, current_ + kPlaces - 1);
  Insert(places_[static_cast<size_t>(timer.tick_ % kPlaces)], timer);
}

void DeadlineWheel::Advance(Nanos now) {
  const int64_t target = now / kTick;
  // After a long stop one round meets every timer.
  if (target - current_ > kPlaces) current_ = target - kPlaces;
  while (current_ < target) {
    ++current_;
    Timer& place = places_[static_cast<size_t>(current_ % kPlaces)];
    // Timers that fire may link others into this very place: take the list off first.
    Place due;
    MakeEmpty(due);
    while (place.next_ != &place) {
      Timer& timer = *place.next_;
      timer.Unlink();
      Insert(due, timer);
    }
    Timer& head = due;
    while (head.next_ != &head) {
      Timer& timer = *head.next_;
      timer.Unlink();
      if (timer.deadline_ <= now) {
        timer.deadline_ = kNever;
        timer.OnDeadline(now);
      } else {
        Link(timer);
      }
    }
  }
}

}  // namespace loadfleet
