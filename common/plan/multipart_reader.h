// `multipart`: a body of several parts, as a browser sends a form with files (RFC 7578).
#pragma once

#include "common/plan/document.h"
#include "common/plan/plan_files.h"
#include "common/plan/problems.h"
#include "common/plan/variables.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// A list of parts, each a map: `name`, and `text` or `file`, with `filename` and `content_type`.
// Into Request.body_parts, with the boundaries between them; the boundary is made of what the parts
// hold, so that the same plan sends the same bytes, and is returned. Empty: there was a problem,
// and body_parts hold what has been read, for whoever counts it.
std::string ReadMultipart(const Node& list, PlanFiles* files, Problems* problems,
                          VariableUses* uses, v1::Request* request);

}  // namespace loadfleet
