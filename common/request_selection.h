// Which requests of a plan a threshold looks at. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Whether the selector names requests, by name, group or tag; else it means all of them.
bool SelectsRequests(const v1::ThresholdSelector& selector);

// The indices of a flow's requests that fit request, group and tag of the selector. A request is in
// every group around it, however deep.
std::set<uint32_t> SelectedRequests(const v1::Flow& flow, const v1::ThresholdSelector& selector);

// Of each flow of the plan, whether it has anything in it that the threshold could look at.
std::vector<bool> FlowsWithSelected(const v1::Plan& plan, const v1::Threshold& threshold);

}  // namespace loadfleet
