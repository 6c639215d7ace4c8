// A plan's request as the bytes of HTTP/1.1 (RFC 9112, 3 and 6) and as the fields of HTTP/2 (RFC
// 9113, 8.3), made once at prepare.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/scenario/exchange.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// Its body, before anything is filled in: that of parts is what they hold, one after the other.
std::string BodyOf(const v1::Request& request);

// Host comes first unless the plan names its own. Content-Length is present when there is a body,
// and for methods that give a body meaning (RFC 9110, 8.6). `keep_alive` false adds Connection:
// close.
std::string RenderRequest(const v1::Request& request, bool keep_alive);
// Of that the part from behind the target to the empty line, with a Content-Length of one's own.
std::string RenderHead(const v1::Request& request, bool keep_alive,
                       absl::string_view content_length);

// Pseudo-header fields first, names in lower case; the authority is the plan's Host where it names
// one.
std::vector<HeaderField> RequestFields(const v1::Request& request);
std::vector<HeaderField> RequestFields(const v1::Request& request,
                                       absl::string_view content_length);

// host[:port] as Host and messages have it: the scheme's default port left out, IPv6 in brackets.
std::string Authority(const v1::Origin& origin);

}  // namespace loadfleet
