// What starts requests and what follows their end: one executor for each scenario on each worker.
#pragma once

#include "agent/connection/connection_pool.h"
#include "agent/record/recorder.h"
#include "agent/scenario/exchange.h"
#include "agent/schedule/holdings.h"
#include "common/clock.h"

namespace loadfleet {

inline constexpr Nanos kNever = INT64_MAX;

// Requests that one call of Advance starts, before the worker looks at its sockets again: one that
// is behind goes on reading responses, lest its own backlog counts as the target's service time.
inline constexpr int kStartsPerTurn = 64;

// The worker's thread only. Times are the worker's clock.
class Executor : public ExchangeListener {
 public:
  // The load begins at t0. When that has passed already, it begins at the current arrival.
  virtual void Start(Nanos t0, Nanos now) = 0;

  // Starts what is due and says when it wants to be called again at the latest; kNever when only
  // the end of an exchange can bring anything new.
  virtual Nanos Advance(Nanos now) = 0;

  // Nothing is started, and what waits to be is dropped as fenced. What is due from here on is
  // undecided until Adjust() takes the fence away, the load's time is over or EndLoad().
  virtual void Fence(Nanos now) = 0;

  // Other slots, and no fence any more. What is gained and was due before now is not made up: it is
  // dropped as fenced, and so is what a fence has held back and new arrivals before gained_from.
  // From when on what is lost may be somebody else's: lost_from, or later when arrivals of a later
  // time have been started. Not before Start().
  virtual Nanos Adjust(const Reassignment& change, Nanos now) = 0;

  // Nothing is started any more. What was due and has not been started is dropped as fenced.
  virtual void EndLoad(Nanos now) = 0;

  // Everything that was started has ended, and no more will be.
  virtual bool Finished() const = 0;

  virtual ScenarioLevels Levels(Nanos now) const = 0;
};

}  // namespace loadfleet
