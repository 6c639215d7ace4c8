// Where the files of a plan's feeders come from.
#pragma once

#include "absl/status/status.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct RunPlan;

class FeederSource {
 public:
  virtual ~FeederSource() = default;

  // Each into `run`. Blocks. The status says for the plan's author why not; CANCELLED: see below.
  virtual absl::Status Fetch(const v1::Plan& plan, RunPlan* run) = 0;

  // Ends a Fetch, and each that comes. Thread-safe.
  virtual void Cancel() = 0;
};

}  // namespace loadfleet
