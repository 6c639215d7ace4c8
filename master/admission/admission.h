// May this plan run now, and on which agents: pure, over what the registry knows.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "loadfleet/v1/plan.pb.h"
#include "master/fleet/registry.h"
#include "master/partition/partition.h"

namespace loadfleet {

// Every agent that lives, carries the plan's labels, is free and has measured its clock well
// enough, in the order of their names. FAILED_PRECONDITION: fewer than the plan's agents.min exist;
// the message says what holds the others back. RESOURCE_EXHAUSTED: enough exist, but they are busy.
absl::StatusOr<std::vector<Participant>> Admit(const v1::Plan& plan, const Registry& registry);

// This agent, if it could take part now.
std::optional<Participant> AdmitOne(const v1::Plan& plan, const AgentRecord& agent);

}  // namespace loadfleet
