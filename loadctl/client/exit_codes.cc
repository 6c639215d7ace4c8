#include "loadctl/client/exit_codes.h"

namespace loadfleet {

ExitCode ExitCodeOf(v1::Verdict verdict) {
  switch (verdict) {
    case v1::VERDICT_PASSED:
      return ExitCode::kPassed;
    case v1::VERDICT_FAILED:
      return ExitCode::kThresholdFailed;
    case v1::VERDICT_INVALID:
      return ExitCode::kInvalid;
    case v1::VERDICT_ABORTED:
      return ExitCode::kAborted;
    default:
      return ExitCode::kInternal;
  }
}

ExitCode ExitCodeOf(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
      return ExitCode::kUsageOrPlan;
    case absl::StatusCode::kAborted:
      return ExitCode::kAborted;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::kUnreachable;
    default:
      return ExitCode::kInternal;
  }
}

}  // namespace loadfleet
