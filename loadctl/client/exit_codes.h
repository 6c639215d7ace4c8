// From what happened to what the shell is told.
#pragma once

#include "absl/status/status.h"
#include "common/exit_code.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

ExitCode ExitCodeOf(v1::Verdict verdict);

// Of an error; never kPassed. A run that does not exist is a matter of usage; a master that cannot
// be reached, refuses, or has not enough free agents is kUnreachable.
ExitCode ExitCodeOf(const absl::Status& error);

}  // namespace loadfleet
