// A RunSnapshot as one JSON object on one line: what `--json` prints once a second.
#pragma once

#include <string>

#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

// Without a newline. The words are those of the JSON summary, so that both are read alike; what
// only a snapshot has is "state", "elapsed_s", "in_flight", "last_second". "rate"."achieved" is
// that of the last second. Pure function.
std::string SnapshotJson(const v1::RunSnapshot& snapshot);

}  // namespace loadfleet
