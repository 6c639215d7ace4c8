// Where a request goes: origin (scheme, host, port) and origin-form target, RFC 9110 4.2 and RFC
// 9112 3.2.1.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

struct Url {
  v1::Origin origin;
  std::string target;  // path and query; at least "/"
};

// Whether `host` can be one: letters, digits and -._ (RFC 1123, and what container networks
// give); addresses of IPv4 can too.
bool IsHostName(absl::string_view host);

// Whether `text` begins like an absolute URL, with a scheme.
bool HasScheme(absl::string_view text);

// `http://host[:port][/path][?query]`, or https. INVALID_ARGUMENT says for the plan's author what
// is wrong; user information is refused, hosts are names (RFC 1123) or addresses.
absl::StatusOr<Url> ParseUrl(absl::string_view text);

// Whether `target` can stand in a request line as it is: `/path?query` in visible ASCII without a
// fragment, at most limits::kTargetBytes.
absl::Status CheckRequestTarget(absl::string_view target);

}  // namespace loadfleet
