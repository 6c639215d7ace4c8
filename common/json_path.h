// Where a value is in a JSON document: the part of JSONPath (RFC 9535) that names exactly one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace loadfleet {

struct JsonPathStep {
  std::string key;     // of an object; empty: `index`
  uint32_t index = 0;  // of an array, from 0
};
using JsonPath = std::vector<JsonPathStep>;

// `$`, then any number of `.name` and `[index]`: `$.items[0].id`. INVALID_ARGUMENT says what is
// expected.
absl::StatusOr<JsonPath> ParseJsonPath(absl::string_view text);

}  // namespace loadfleet
