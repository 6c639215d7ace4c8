// Where a request goes that the plan does not know: URLs of redirects and captures.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace loadfleet {

// RFC 6454, 4.
struct OriginName {
  bool secure = false;  // https
  std::string host;     // in lower case; IPv6 without brackets
  uint16_t port = 0;

  bool operator==(const OriginName&) const = default;
};

// host[:port] as Host and messages have it: the scheme's default port left out, IPv6 in brackets.
void AppendAuthority(const OriginName& origin, std::string* out);

struct Location {
  OriginName origin;
  std::string target;  // path and query, fit for a request line; at least "/"
};

// Of a path and query, without the query.
inline absl::string_view PathOf(absl::string_view target) {
  return target.substr(0, target.find('?'));
}

// `reference` as a response of `base` means it: an absolute http or https URL, or one relative to
// that (RFC 3986, 5.2). Fragments are dropped, and what no request line can hold is
// percent-encoded. False, and nothing of use in `out`: no request can be made of it. `out` is
// another than `base`, and its buffers stay.
bool ResolveLocation(absl::string_view reference, const OriginName& base,
                     absl::string_view base_target, Location* out);

// The same for one that must be absolute.
bool ParseLocation(absl::string_view url, Location* out);

}  // namespace loadfleet
