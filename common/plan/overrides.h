// `--set key=value` and the flags that stand for one.
#pragma once

#include "common/plan/document.h"
#include "common/plan/problems.h"
#include "loadfleet/v1/api.pb.h"

namespace loadfleet {

// Sets each override's key in the tree, in order, and makes the maps on the way that are missing. A
// number on the path is an index where the tree has a list. A value of `null` removes the key.
void ApplyOverrides(const v1::PlanSource& source, Node* root, Problems* problems);

}  // namespace loadfleet
