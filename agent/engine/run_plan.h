// A plan made ready to run on this agent: requests rendered, origins resolved and allowed, shares
// computed.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/connection/address.h"
#include "agent/connection/connection.h"
#include "agent/connection/tls.h"
#include "agent/record/recording.h"
#include "agent/scenario/exchange.h"
#include "agent/scenario/flow_program.h"
#include "agent/scenario/navigation.h"
#include "agent/scenario/request_text.h"
#include "agent/scenario/response_checks.h"
#include "common/slots.h"
#include "loadfleet/v1/fleet.pb.h"

namespace loadfleet {

// Where requests go, and in which protocol: each has a pool of its own on each worker.
struct PreparedOrigin {
  std::vector<SocketAddress> addresses;
  std::string host;  // as the plan names it
  uint16_t port = 0;
  bool by_name = false;  // the addresses are a resolver's, and grow old
  bool secure = false;
  Protocol protocol = Protocol::kHttp1;
};

struct PreparedScenario {
  v1::Scenario plan;
  ScenarioFlows flows;
  Nanos max_lateness = 0;  // of an arrival
};

// Immutable once made, shared by all workers by reference; the engine owns it until every worker
// has let go.
struct RunPlan {
  std::string run_id;
  uint64_t epoch = 0;
  uint64_t seed = 0;
  SlotSet slots;                         // this agent's
  std::deque<RequestTemplate> requests;  // by series: those of each scenario's flows
  std::vector<std::unique_ptr<const ResponseChecks>> checks;   // of them
  std::vector<std::unique_ptr<const RequestText>> texts;       // likewise
  std::vector<std::unique_ptr<const Navigation>> navigations;  // likewise
  std::deque<ResponseInterest> interests;                      // of those that are kept whole
  std::vector<PreparedScenario> scenarios;
  std::vector<PreparedOrigin> origins;
  v1::ConnectionPolicy connections;  // its max is the cluster's
  v1::DnsPolicy dns;
  NetworkPolicy network;
  std::unique_ptr<TlsMaterial> tls;  // null when no request can come to a secure origin
  std::vector<std::unique_ptr<const FeederFile>> feeders;  // by Plan.feeders; null: not here yet

  RecordingKeys keys;  // of what workers record: by scenario, request and stage

  // Every feeder must be here before the run is installed.
  void SetFeeder(uint32_t index, std::unique_ptr<const FeederFile> file);
};

// What of the responses is kept.
enum class Keep : uint8_t {
  kAsAsked,  // what checks and captures look at
  kAll,      // whole heads, and as much of the bodies: for people to read
};

// Blocks on DNS: not on a worker's or the link's thread. The status says for the plan's author what
// cannot be done here: NOT_FOUND and UNAVAILABLE (DNS), PERMISSION_DENIED (the target's address),
// FAILED_PRECONDITION (no source address that could reach it), RESOURCE_EXHAUSTED (descriptors),
// INVALID_ARGUMENT. `agent`: the name that iterations know it by.
absl::StatusOr<std::unique_ptr<RunPlan>> PrepareRun(const v1::Prepare& message,
                                                    const NetworkPolicy& network,
                                                    const std::string& agent = "",
                                                    Keep keep = Keep::kAsAsked);

}  // namespace loadfleet
