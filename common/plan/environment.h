// ${NAME} and ${NAME:-default} in the plan's values.
#pragma once

#include <set>
#include <string>

#include <google/protobuf/map.h>

#include "absl/strings/string_view.h"
#include "common/plan/document.h"
#include "common/plan/problems.h"

namespace loadfleet {

// Letters, digits and underscores, not beginning with a digit.
bool IsVariableName(absl::string_view name);

// Every NAME that a value under `root` asks for.
std::set<std::string> VariablesOf(const Node& root);

// Replaces the references in every value under `root`, never in keys, and never in what a
// replacement brought in. As in a shell the default is taken when NAME is unset or empty; without a
// default an unset NAME is a problem. `$${` is a literal
// `${`. All values together may grow to limits::kPlanBytes.
void SubstituteVariables(const google::protobuf::Map<std::string, std::string>& environment,
                         Node* root, Problems* problems);

}  // namespace loadfleet
