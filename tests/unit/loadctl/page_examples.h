// The examples of docs/plan.md: its ```yaml blocks, each made whole as the page says it may be
// read.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "loadctl/import/json_document.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

struct PageExample {
  int line = 0;      // of the page, where its text begins
  std::string text;  // as it stands there
};

// In the order of the page.
std::vector<PageExample> ExamplesOf(const std::string& page);

// The example as a plan, with what it leaves to the reader: the keys of the top that a part lacks,
// a flow or a scenario that it names and does not have, variables without a default, files.
// INVALID_ARGUMENT when its outermost keys place it nowhere in `schema`.
absl::StatusOr<v1::PlanSource> WholePlanOf(const PageExample& example, const Json& schema);

}  // namespace loadfleet
