// What became of the load when agents came and went, for people.
#pragma once

#include <string>

#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// A line for each epoch beyond the first: from when on, why, and who had how much. Appends nothing
// when there is none.
void AppendEpochs(const v1::Report& report, std::string* out);

}  // namespace loadfleet
