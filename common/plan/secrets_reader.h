// `secrets: [API_KEY]`: variables whose values are shown and stored nowhere.
#pragma once

#include <set>
#include <string>

#include <google/protobuf/map.h>

#include "common/plan/document.h"
#include "common/plan/problems.h"
#include "common/plan/reader.h"
#include "common/secrets.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// The names in it, as far as they are names: of whoever submits, to look them up.
std::set<std::string> SecretNamesIn(const Node& root);

// Their values, before anything of the plan is read: no message may show one. One that is not set,
// or too short to be found again, is a problem at its place; so is what is no name, which is
// refused before variables are filled in and could make a value of it.
Secrets ReadSecrets(Node* root, const google::protobuf::Map<std::string, std::string>& environment,
                    Problems* problems);

// The names into the plan; what is none is a problem.
void ReadSecretNames(MapReader& plan, v1::Plan* out);

}  // namespace loadfleet
