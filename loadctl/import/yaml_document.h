// YAML documents of other people as the tree that JSON makes.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loadctl/import/json_document.h"

namespace loadfleet {

// As ParseJson. Plain scalars are what YAML 1.2's core schema makes of them. One document, without
// aliases: they could make a small text a large tree.
absl::StatusOr<Json> ParseYaml(absl::string_view text, const std::string& name);

}  // namespace loadfleet
