#include "agent/http/request_bytes.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

bool Names(const v1::Request& request, absl::string_view header) {
  for (const v1::Header& own : request.headers()) {
    if (absl::EqualsIgnoreCase(own.name(), header)) return true;
  }
  return false;
}

bool ExpectsBody(const std::string& method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

std::string Authority(const v1::Origin& origin) {
  const bool v6 = absl::StrContains(origin.host(), ':');
  std::string authority = v6 ? absl::StrCat("[", origin.host(), "]") : origin.host();
  const uint32_t default_port = origin.scheme() == v1::SCHEME_HTTPS ? 443 : 80;
  if (origin.port() != default_port) absl::StrAppend(&authority, ":", origin.port());
  return authority;
}

std::string RenderRequest(const v1::Request& request, bool keep_alive) {
  std::string bytes = absl::StrCat(request.method(), " ", request.target(), " HTTP/1.1\r\n");
  if (!Names(request, "Host")) {
    absl::StrAppend(&bytes, "Host: ", Authority(request.origin()), "\r\n");
  }
  for (const v1::Header& header : request.headers()) {
    absl::StrAppend(&bytes, header.name(), ": ", header.value(), "\r\n");
  }
  if (!Names(request, "User-Agent")) absl::StrAppend(&bytes, "User-Agent: loadfleet\r\n");
  if (!request.body().empty() || ExpectsBody(request.method())) {
    absl::StrAppend(&bytes, "Content-Length: ", request.body().size(), "\r\n");
  }
  if (!keep_alive) absl::StrAppend(&bytes, "Connection: close\r\n");
  absl::StrAppend(&bytes, "\r\n", request.body());
  return bytes;
}

}  // namespace loadfleet
