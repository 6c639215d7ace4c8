// The keys that describe one HTTP request.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/plan/defaults_reader.h"
#include "common/plan/plan_files.h"
#include "common/plan/reader.h"
#include "common/plan/variables.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// get, post, put, patch, delete, head, options; headers, auth, body, json, form, multipart,
// body_file, timeouts, expect, capture, decompress, redirects, tags. Index and name are the
// caller's to set. The origin is absent when the request has a bare path and the plan no valid
// `target`. Whatever its texts ask for goes into `uses`.
v1::Request ReadRequest(MapReader& map, const HttpDefaults& defaults, PlanFiles* files,
                        VariableUses* uses);

// Every key that ReadRequest knows.
absl::Span<const absl::string_view> RequestKeys();
// Those of them that are methods: `get` and its like.
absl::Span<const absl::string_view> MethodKeys();

}  // namespace loadfleet
