// The master's web listener: /metrics for Prometheus, /healthz for whatever restarts it.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/web/http_listener.h"
#include "master/web/cluster_snapshot.h"

namespace loadfleet {

// Owns its threads; the destructor waits for them.
class MasterWeb {
 public:
  // `snapshot` is called on any of the listener's threads and never gives nullptr.
  // Errors are those of HttpListener::Start.
  static absl::StatusOr<std::unique_ptr<MasterWeb>> Start(
      absl::string_view listen, bool insecure_listen,
      const std::function<std::shared_ptr<const ClusterSnapshot>()>& snapshot);

  int port() const { return listener_->port(); }

 private:
  explicit MasterWeb(std::unique_ptr<HttpListener> listener) : listener_(std::move(listener)) {}

  std::unique_ptr<HttpListener> listener_;
};

}  // namespace loadfleet
