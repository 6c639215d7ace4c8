// Request headers: a map of the plan whose keys are the author's.
#pragma once

#include <vector>

#include "common/plan/document.h"
#include "common/plan/problems.h"
#include "common/plan/variables.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Whether it frames the message (Content-Length, Connection, ...), whatever the case: no plan has
// it.
bool IsWrittenByAgent(absl::string_view name);

// Names are tokens and values hold no control character but tab (RFC 9110 5.1 and 5.5), so that no
// header can end another. What the agent writes itself is refused. None when `entry` is null.
// Whatever their values ask for goes into `uses`.
std::vector<v1::Header> ReadHeaders(const Entry* entry, Problems* problems, VariableUses* uses);

// `defaults` first; a header of `own` takes the place of the default of the same name, whatever the
// case.
std::vector<v1::Header> MergeHeaders(std::vector<v1::Header> defaults,
                                     const std::vector<v1::Header>& own);

bool HasHeader(const std::vector<v1::Header>& headers, absl::string_view name);

}  // namespace loadfleet
