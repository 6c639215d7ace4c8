// Waiting for what nobody announces.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace loadfleet {

// Asks until the answer is true, or `limit` has passed: then false.
inline bool Eventually(absl::FunctionRef<bool()> holds, absl::Duration limit = absl::Seconds(20)) {
  const absl::Time deadline = absl::Now() + limit;
  while (!holds()) {
    if (absl::Now() >= deadline) return false;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return true;
}

}  // namespace loadfleet
