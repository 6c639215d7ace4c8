// The keys that describe one HTTP request, and those that describe all of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

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

// get, post, put, patch, delete, head, options; headers, auth, body, json, form, multipart,
// body_file, timeouts, expect, capture, decompress, redirects, tags. Index and name are the
// caller's to set. The origin is absent when the request has a bare path and the plan no valid
// `target`. Whatever its texts ask for goes into `uses`.
v1::Request ReadRequest(MapReader& map, const HttpDefaults& defaults, PlanFiles* files,
                        VariableUses* uses);

// Every key that ReadRequest knows.
absl::Span<const absl::string_view> RequestKeys();
// Those of them that are methods: `get` and its like.
absl::Span<const absl::string_view> MethodKeys();

}  // namespace loadfleet
