// The agent's web listener: /metrics about its own condition, /healthz for whatever restarts it.
// What the load measures is on the master's listener.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "common/web/http_listener.h"
#include "loadfleet/v1/fleet.pb.h"

namespace loadfleet {

struct AgentCondition {
  bool registered = false;  // with a master that is connected
  v1::AgentState state = v1::AGENT_STATE_IDLE;
  Nanos lease_left = 0;  // 0: none, no request may start
  uint32_t workers = 0;
  uint64_t unacknowledged_windows = 0;
  // Of the newest window while a run lasts, otherwise 0.
  double busiest_worker_cpu = 0;  // 0..1
  Nanos loop_lag_max = 0;
  uint64_t open_connections = 0;
};

// Owns its threads; the destructor waits for them.
class AgentWeb {
 public:
  // `condition` is called on any of the listener's threads. Errors are those of
  // HttpListener::Start.
  static absl::StatusOr<std::unique_ptr<AgentWeb>> Start(
      absl::string_view listen, bool insecure_listen,
      const std::function<AgentCondition()>& condition);

  int port() const { return listener_->port(); }

 private:
  explicit AgentWeb(std::unique_ptr<HttpListener> listener) : listener_(std::move(listener)) {}

  std::unique_ptr<HttpListener> listener_;
};

}  // namespace loadfleet
