// A checker for the few keywords of JSON Schema (2020-12) that docs/plan.schema.json uses.
#pragma once

#include <string>
#include <vector>

#include "loadctl/import/json_document.h"

namespace loadfleet {

// What is wrong with `value` by `schema`, a sub-schema of `root`: "/scenarios/a: unknown key `b`".
std::vector<std::string> ViolationsOf(const Json& root, const Json& schema, const Json& value,
                                      const std::string& pointer = "");

// Keywords anywhere in the schema that the checker would pass over.
std::vector<std::string> UnknownKeywords(const Json& schema);

}  // namespace loadfleet
