// An OpenAPI 3 document as imported requests: one for each operation.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loadctl/import/imported.h"

namespace loadfleet {

struct OpenApiOptions {
  std::string target;  // in place of the document's servers; empty: its first server
};

// YAML, or JSON when it begins with `{`. In the document's order, each named by its operationId.
// Parameters in the path, and those of query and headers that are required or have an example, get
// their example or a value made for their schema (see ExampleMaker); so does the body. An operation
// whose body a plan cannot have is left out with a note. INVALID_ARGUMENT as
// `name:line:column: what` or `name: /pointer: what`.
absl::StatusOr<Imported> ImportOpenApi(absl::string_view text, const std::string& name,
                                       const OpenApiOptions& options);

}  // namespace loadfleet
