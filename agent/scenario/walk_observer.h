// Who looks at what iterations do, step by step: of no use to a load, only to a single iteration.
#pragma once

#include <string>
#include <vector>

#include "agent/scenario/iteration.h"

namespace loadfleet {

// On the walker's thread, while the iteration is still as its step has left it.
class WalkObserver {
 public:
  virtual ~WalkObserver() = default;

  // Its request has ended, `iteration.kept` not yet released. `failed`: a sentence for each of its
  // checks that failed; none when there was no response, of which nothing was found.
  virtual void OnAnswer(const Iteration& iteration, const Result& result,
                        const std::vector<std::string>& failed, Nanos now) = 0;
  // Its request was never sent: what was filled in makes none.
  virtual void OnNotSent(const Iteration& iteration) = 0;
  // It is over (Iteration::ending).
  virtual void OnEnd(const Iteration& iteration) = 0;
};

}  // namespace loadfleet
