// Values that fit what an OpenAPI document says of them. Deterministic.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loadctl/import/json_document.h"

namespace loadfleet {

// A part of a document, and where it stands.
struct Located {
  const Json* value = nullptr;
  std::string pointer;
};

// Follows `$ref` from `at`, as often as it takes. INVALID_ARGUMENT as `/pointer: what`: it leads
// into another document, nowhere, or round in a circle.
absl::StatusOr<Located> Resolved(const Json& document, Located at);

// Makes the value of one schema (JSON Schema as OpenAPI 3.0 and 3.1 have it): its const, default or
// example when it has one, else the smallest that its type, format and bounds allow. `pattern` is
// not looked at. Borrows the document.
class ExampleMaker {
 public:
  explicit ExampleMaker(const Json& document) : document_(document) {}

  // A copy of what the author wrote down. INVALID_ARGUMENT as `/pointer: what`: all copies together
  // would be larger than any body, though each may be a reference to the same.
  absl::StatusOr<Json> Copy(const Located& written);

  // Nothing: the schema is within itself, or too deep, or the value would be too large. What holds
  // it leaves it out, unless it is required: then it is null. Errors as Resolved and Copy.
  absl::StatusOr<std::optional<Json>> Make(const Located& schema);

 private:
  using Made = absl::StatusOr<std::optional<Json>>;

  Made MakeResolved(const Located& schema);
  Made AllOf(const Located& schema, const Json& parts);
  Made Object(const Located& schema);
  Made Array(const Located& schema);
  bool IsRequired(const Json& schema, const std::string& name);

  const Json& document_;
  std::set<const Json*> open_;  // schemas that are being made
  // Of all calls together.
  size_t made_ = 0;
  size_t copied_ = 0;                                      // bytes
  std::map<const Json*, std::set<std::string>> required_;  // by schema, of those asked about
};

}  // namespace loadfleet
