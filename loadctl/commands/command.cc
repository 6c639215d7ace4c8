#include "loadctl/commands/command.h"

#include <iostream>

#include "common/plan/compile.h"
#include "loadctl/client/exit_codes.h"

namespace loadfleet {

ExitCode Fail(const absl::Status& error) {
  std::cerr << "loadctl: " << error.message() << '\n';
  return ExitCodeOf(error);
}

ExitCode FailWithProblems(const google::protobuf::RepeatedPtrField<v1::Problem>& problems) {
  for (const v1::Problem& problem : problems) std::cerr << FormatProblem(problem) << '\n';
  return ExitCode::kUsageOrPlan;
}

}  // namespace loadfleet
