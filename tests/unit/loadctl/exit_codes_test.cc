#include "loadctl/client/exit_codes.h"

#include <gtest/gtest.h>

namespace loadfleet {
namespace {

TEST(ExitCodes, EveryVerdictHasItsOwn) {
  EXPECT_EQ(static_cast<int>(ExitCodeOf(v1::VERDICT_PASSED)), 0);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(v1::VERDICT_INVALID)), 3);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(v1::VERDICT_ABORTED)), 4);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(v1::VERDICT_FAILED)), 99);
}

TEST(ExitCodes, AReportWithoutAVerdictIsABugAndNeverPasses) {
  EXPECT_EQ(ExitCodeOf(v1::VERDICT_UNSPECIFIED), ExitCode::kInternal);
}

TEST(ExitCodes, ErrorsSayWhoseFaultItWas) {
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), ExitCode::kUsageOrPlan);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), ExitCode::kUsageOrPlan);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), ExitCode::kUnreachable);
  EXPECT_EQ(ExitCodeOf(absl::DeadlineExceededError("")), ExitCode::kUnreachable);
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("")), ExitCode::kUnreachable);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("")), ExitCode::kUnreachable);
  EXPECT_EQ(ExitCodeOf(absl::AbortedError("")), ExitCode::kAborted);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), ExitCode::kInternal);
}

}  // namespace
}  // namespace loadfleet
