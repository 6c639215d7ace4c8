// Timeouts of many connections at next to no cost per request.
//
// A hashed timing wheel (Varghese and Lauck, 1987, scheme 6) with lazy re-arming: moving a deadline
// later or cancelling it only writes a number; the timer is looked at again when the place it hangs
// in comes round. A timer fires at most one tick after its deadline, never before.
#pragma once

#include <array>
#include <cstdint>

#include "common/clock.h"

namespace loadfleet {

// One thread only.
class DeadlineWheel {
 public:
  static constexpr Nanos kTick = 10 * kMillisecond;
  static constexpr Nanos kNever = INT64_MAX;

  // Derive to be woken. Must be cancelled by Remove() before it is destroyed; its destructor does
  // so.
  class Timer {
   public:
    virtual ~Timer() { Unlink(); }
    virtual void OnDeadline(Nanos now) = 0;
    Nanos deadline() const { return deadline_; }

   private:
    friend class DeadlineWheel;
    bool linked() const { return next_ != nullptr; }
    void Unlink();

    Timer* prev_ = nullptr;
    Timer* next_ = nullptr;
    Nanos deadline_ = kNever;
    int64_t tick_ = 0;  // where it hangs
  };

  explicit DeadlineWheel(Nanos now);

  void Set(Timer& timer, Nanos deadline) {
    timer.deadline_ = deadline;
    if (timer.linked() && timer.tick_ <= TickOf(deadline)) return;
    Link(timer);
  }
  void Cancel(Timer& timer) { timer.deadline_ = kNever; }

  // Fires what is due. A timer may set, cancel or destroy itself and others meanwhile.
  void Advance(Nanos now);

  // When Advance wants to be called next.
  Nanos NextAdvance() const { return (current_ + 1) * kTick; }

 private:
  static constexpr int64_t kPlaces = 512;  // 5 s a round

  // The first tick that lies at or after the deadline.
  static int64_t TickOf(Nanos deadline) {
    return deadline == kNever ? INT64_MAX : (deadline + kTick - 1) / kTick;
  }
  struct Place final : Timer {
    void OnDeadline(Nanos) override {}
  };

  void Link(Timer& timer);
  static void Insert(Timer& head, Timer& timer);
  static void MakeEmpty(Timer& head);

  std::array<Place, kPlaces> places_;
  int64_t current_;
};

}  // namespace loadfleet
