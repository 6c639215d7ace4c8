#include "loadctl/terminal/words.h"

namespace loadfleet {

absl::string_view RunStateName(v1::RunState state) {
  switch (state) {
    case v1::RUN_STATE_QUEUED:
      return "queued";
    case v1::RUN_STATE_PREPARING:
      return "preparing";
    case v1::RUN_STATE_STARTING:
      return "starting";
    case v1::RUN_STATE_RUNNING:
      return "running";
    case v1::RUN_STATE_FINISHING:
      return "finishing";
    case v1::RUN_STATE_ENDED:
      return "ended";
    default:
      return "unknown";
  }
}

absl::string_view AgentHealthName(v1::AgentHealth health) {
  switch (health) {
    case v1::AGENT_HEALTH_UP:
      return "up";
    case v1::AGENT_HEALTH_SUSPECT:
      return "suspect";
    case v1::AGENT_HEALTH_LOST:
      return "lost";
    default:
      return "unknown";
  }
}

absl::string_view AgentStateName(v1::AgentState state) {
  switch (state) {
    case v1::AGENT_STATE_IDLE:
      return "idle";
    case v1::AGENT_STATE_PREPARING:
      return "preparing";
    case v1::AGENT_STATE_READY:
      return "ready";
    case v1::AGENT_STATE_RUNNING:
      return "running";
    case v1::AGENT_STATE_FINISHING:
      return "finishing";
    case v1::AGENT_STATE_FENCED:
      return "fenced";
    default:
      return "unknown";
  }
}

}  // namespace loadfleet
