// The files of a plan's feeders where their author keeps them: read once to say what is in them,
// and once more for a master that has not got them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/feeder/feeder_scan.h"
#include "loadctl/client/api_client.h"
#include "loadctl/terminal/interrupts.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

// Where a file is that the plan at `plan` names so.
std::string BesidePlan(const std::string& plan, const std::string& name);

// What is in the file `path`, which the plan calls `name`. NOT_FOUND: it cannot be opened.
// INVALID_ARGUMENT: "data/users.csv:17: ..." of its first row that is wrong.
absl::StatusOr<v1::DataSource> ScanDataFile(const std::string& path, const std::string& name);

// Uploads every file of `source` that the master has not got. ABORTED: interrupted.
absl::Status UploadData(ApiClient& client, const std::string& plan, const v1::PlanSource& source,
                        const Interrupts& interrupts);

}  // namespace loadfleet
