// The one table of exit codes: scripts rely on it.
#pragma once

namespace loadfleet {

enum class ExitCode : int {
  kPassed = 0,
  kInternal = 1,          // a bug or a broken machine: the message says which
  kUsageOrPlan = 2,       // the command line or the plan is wrong
  kInvalid = 3,           // the run's numbers cannot be trusted
  kAborted = 4,           // stopped before its end
  kUnreachable = 5,       // cannot reach, cannot listen, or not allowed to
  kThresholdFailed = 99,  // verdict `failed`; k6's number for the same
};

}  // namespace loadfleet
