// Documents of other people as a tree, within the limits of common/limits.h.
//
// A place in such a tree is a JSON pointer (RFC 6901) in messages.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace loadfleet {

using Json = nlohmann::ordered_json;  // keys in the order of the text

// INVALID_ARGUMENT as `name:line:column: what`, or with the limit on depth, nodes or keys.
absl::StatusOr<Json> ParseJson(absl::string_view text, const std::string& name);

// The member `key` of what may be no object; null when it is not there.
const Json* Member(const Json& value, absl::string_view key);

// The text that is the member `key`; null when there is none.
const std::string* TextMember(const Json& value, absl::string_view key);

// One more step of a JSON pointer.
std::string PointerTo(absl::string_view pointer, absl::string_view key);

// `value` as compact JSON. What is not UTF-8 in it is replaced.
std::string CompactJson(const Json& value);

}  // namespace loadfleet
