// A request that is ready to send, made into another: with cookies, for another place, after a
// redirect.
#pragma once

#include "absl/strings/string_view.h"
#include "agent/http/location.h"
#include "agent/scenario/exchange.h"

namespace loadfleet {

struct RequestChanges {
  absl::string_view method;            // empty: as it was
  absl::string_view target;            // likewise
  const OriginName* origin = nullptr;  // where it goes instead, which Host says; null: as it was
  bool without_body = false;           // nor any Content-* field
  bool without_credentials = false;    // neither Authorization nor Cookie
  absl::string_view cookies;           // behind those it has; empty: none
};

// `from` with these changes into the buffers of `to`, which stay: another than `from`, and than
// what the changes refer to. HTTP/1.1's bytes, and HTTP/2's fields where `from` has them.
void ChangeRequest(const RequestBytes& from, const RequestChanges& changes, RequestBytes* to);

// Of what HTTP/1.1 would send: path and query, and a header's value; empty when there is none.
absl::string_view TargetOf(const RequestBytes& request);
absl::string_view HeaderOf(const RequestBytes& request, absl::string_view name);

}  // namespace loadfleet
