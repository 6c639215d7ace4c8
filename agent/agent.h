// The agent as a library: everything that `loadagent` runs, so that `loadctl run` and tests can run
// it too.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/channel.h>

#include "absl/status/statusor.h"
#include "common/clock.h"

namespace loadfleet {

class AgentWeb;
class Engine;
class Link;
struct AgentCondition;

struct AgentOptions {
  std::string name;         // unique in the fleet
  uint32_t workers = 0;     // 0: one per core that this process may use
  uint32_t weight = 0;      // share of the load against other agents; 0: as many as workers
  std::string http_listen;  // HOST:PORT for /metrics and /healthz; empty: none
  // Allow http_listen beyond loopback although nothing is encrypted yet.
  bool insecure_listen = false;
  std::map<std::string, std::string> labels;
  // Send load to any target but link-local ones, not only to loopback and private ranges: for
  // `loadctl run`, where the person and the machine are one.
  bool any_target = false;
  // What it may send load to and the most it may send, whatever the plan; see TargetRules and
  // LoadCeiling. Nothing and 0: what `any_target` says, and any.
  std::vector<std::string> allow;
  double max_rate = 0;
  uint64_t max_connections = 0;
  std::string master;  // HOST:PORT, which gets no load; empty: it is not on the network
  // Of this machine, which connections to targets come from, in turn; none: the kernel chooses.
  std::vector<std::string> source_addresses;
};

// Makes a channel to the master. Called twice for each connection: once for control, once for
// windows, so that a backlog of windows never delays a heartbeat; and once for each plan with
// feeders, whose files come by it. Called from the link thread.
using MasterChannelFactory = std::function<std::shared_ptr<grpc::Channel>()>;

// Thread-safe. Owns its threads.
class Agent {
 public:
  // Returns once the threads run; the agent then connects, and connects again, on its own.
  // UNAVAILABLE: http_listen is in use.  INVALID_ARGUMENT: it is no address, an entry of `allow`
  // is none, or a source address is not this machine's.  RESOURCE_EXHAUSTED:
  // no descriptors. FAILED_PRECONDITION: http_listen is beyond loopback without insecure_listen.
  static absl::StatusOr<std::unique_ptr<Agent>> Start(const AgentOptions& options,
                                                      MasterChannelFactory channels,
                                                      const Clock& clock);
  // Ends now: what is in flight is abandoned.
  ~Agent();

  int http_port() const;  // the bound port, 0 when none

  // Stops arrivals, finishes what is in flight (at most `grace`), delivers the last windows and the
  // summary, says goodbye. Blocks until done.
  void Drain(Nanos grace);

 private:
  explicit Agent(const Clock& clock);

  AgentCondition Condition() const;

  const Clock& clock_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Link> link_;
  std::atomic<const Link*> shown_link_{nullptr};  // what the web's threads read
  std::unique_ptr<AgentWeb> web_;                 // the first to end
};

}  // namespace loadfleet
