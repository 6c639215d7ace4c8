// What the plan says of all requests and connections: `target`, `resolve` and `defaults`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/plan/plan_files.h"
#include "common/plan/reader.h"
#include "common/plan/variables.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// What a request inherits.
struct HttpDefaults {
  std::optional<v1::Origin> origin;  // `target`; nothing when absent or wrong
  v1::HttpVersion version = v1::HTTP_VERSION_AUTO;
  Place version_place;
  std::vector<v1::Header> headers;
  VariableUses setup_uses;  // of the headers
  v1::Timeouts timeouts;
  v1::TlsPolicy tls;
  v1::DnsPolicy dns;
  uint32_t redirects = 0;
  std::optional<bool> cookies;  // nothing: the plan does not say
  bool traced = false;          // there is a `trace`, whatever it says
  v1::TracePolicy trace;
};

struct ConnectionDefaults {
  std::optional<uint32_t> max;
  bool keep_alive = true;
  uint32_t max_streams = 100;  // what most servers allow at a time
  uint32_t pipelining = 1;
  uint64_t max_requests = 0;
  Nanos lifetime = 0;
  bool warm = false;
  std::string unix_socket;
};

// `target` and `resolve` of the plan, and everything below `defaults`.
HttpDefaults ReadDefaults(MapReader& plan, PlanFiles* files, ConnectionDefaults* connections);

// Of a request too, where `out` and `inherited` are what the defaults say.
void ReadTimeouts(MapReader timeouts, v1::Timeouts* out);
uint32_t ReadRedirects(MapReader& map, uint32_t inherited);

}  // namespace loadfleet
