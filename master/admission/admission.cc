#include "master/admission/admission.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

bool Selected(const v1::Plan& plan, const AgentRecord& agent) {
  const auto& labels = agent.registration.labels();
  return std::all_of(plan.agents().selector().begin(), plan.agents().selector().end(),
                     [&labels](const auto& wanted) {
                       const auto found = labels.find(wanted.first);
                       return found != labels.end() && found->second == wanted.second;
                     });
}

// Why an agent that is not busy cannot take part, or nothing.
std::string Hindrance(const AgentRecord& agent) {
  if (agent.health != v1::AGENT_HEALTH_UP) return "is not heard from";
  if (agent.control == nullptr || agent.windows == nullptr) return "is connecting";
  if (agent.offset_bound == 0) return "is still measuring its clock";
  if (agent.offset_bound > limits::kOffsetBound) {
    return absl::StrCat("knows the master's clock only to ", agent.offset_bound / kMillisecond,
                        " ms (limit ", limits::kOffsetBound / kMillisecond, " ms)");
  }
  return "";
}

bool Busy(const AgentRecord& agent) {
  return !agent.run_id.empty() || !agent.reported_run.empty();
}

Participant ParticipantOf(const AgentRecord& agent) {
  return Participant{agent.id(), agent.incarnation(),
                     std::max<uint32_t>(1, agent.registration.capacity().weight())};
}

}  // namespace

std::optional<Participant> AdmitOne(const v1::Plan& plan, const AgentRecord& agent) {
  if (Busy(agent) || !Selected(plan, agent) || !Hindrance(agent).empty()) return std::nullopt;
  return ParticipantOf(agent);
}

absl::StatusOr<std::vector<Participant>> Admit(const v1::Plan& plan, const Registry& registry) {
  const size_t wanted = std::max<uint32_t>(1, plan.agents().min());
  std::vector<Participant> free;
  std::vector<std::string> busy;
  std::vector<std::string> hindered;
  for (const auto& [id, agent] : registry.agents()) {
    if (agent.health == v1::AGENT_HEALTH_LOST || !Selected(plan, agent)) continue;
    if (std::string why = Hindrance(agent); !why.empty()) {
      hindered.push_back(absl::StrCat(id, " ", why));
    } else if (Busy(agent)) {
      busy.push_back(
          absl::StrCat(id, " runs ", agent.run_id.empty() ? agent.reported_run : agent.run_id));
    } else {
      free.push_back(ParticipantOf(agent));
    }
  }
  if (free.size() >= wanted) return free;

  std::string message = absl::StrCat("the plan needs ", wanted, wanted == 1 ? " agent" : " agents",
                                     plan.agents().selector().empty() ? "" : " with its labels",
                                     ", ", free.size(), free.size() == 1 ? " is" : " are", " free");
  std::vector<std::string> others = busy;
  others.insert(others.end(), hindered.begin(), hindered.end());
  if (!others.empty()) absl::StrAppend(&message, " (", absl::StrJoin(others, "; "), ")");
  if (free.size() + busy.size() >= wanted) return absl::ResourceExhaustedError(message);
  return absl::FailedPreconditionError(message);
}

}  // namespace loadfleet
