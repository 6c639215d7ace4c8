// A target that writes down every request that reaches it: when, which agent's, of which arrival.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/support/scripted_server.h"

namespace loadfleet {

// Any thread. Answers every request with 200 as soon as it has read it.
class TruthServer {
 public:
  // What a plan sends with each request, so that it is written down whose it is.
  static constexpr char kHeaders[] =
      "headers: {X-Agent: \"{{ agent }}\", X-Arrival: \"{{ arrival }}\"}\n";

  struct Request {
    absl::Time at;  // it was read
    std::string agent;
    int64_t arrival = -1;
  };

  TruthServer() : server_([this](ScriptedServer::Peer& peer) { Serve(peer); }) {}

  int port() const { return server_.port(); }
  std::string url() const;

  size_t Count() const;
  size_t CountOf(const std::string& agent) const;
  // In the order in which they came.
  std::vector<Request> Log() const;
  // Forgets what has come.
  void Clear();

 private:
  void Serve(ScriptedServer::Peer& peer);

  mutable absl::Mutex mutex_;
  std::vector<Request> log_ ABSL_GUARDED_BY(mutex_);
  ScriptedServer server_;  // the last: its scripts use the rest
};

}  // namespace loadfleet
