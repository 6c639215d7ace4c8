#include "common/plan/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/limits.h"
#include "common/plan/reader.h"
#include "common/text.h"

namespace loadfleet {
namespace {

constexpr size_t kHostBytes = 253;  // RFC 1035 2.3.4, without the root's dot
constexpr uint32_t kHttpPort = 80;
constexpr uint32_t kHttpsPort = 443;

absl::Status Invalid(absl::string_view what, absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(what, ", got ", Quoted(text)));
}

bool IsIpv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

std::optional<uint32_t> ParsePort(absl::string_view text) {
  uint32_t port = 0;
  const bool digits = std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(text, &port) || port == 0 || port > 65535) return std::nullopt;
  return port;
}

absl::StatusOr<v1::Origin> ParseAuthority(v1::Scheme scheme, absl::string_view authority) {
  if (absl::StrContains(authority, '@')) {
    return absl::InvalidArgumentError(
        "user information in a URL is not allowed; set an Authorization header");
  }
  v1::Origin origin;
  origin.set_scheme(scheme);
  absl::string_view rest;
  if (absl::StartsWith(authority, "[")) {
    const size_t end = authority.find(']');
    if (end != absl::string_view::npos) origin.set_host(std::string(authority.substr(1, end - 1)));
    if (!IsIpv6(origin.host())) return Invalid("expected an IPv6 address in brackets", authority);
    rest = authority.substr(end + 1);
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    origin.set_host(absl::AsciiStrToLower(authority.substr(0, colon)));
    rest = authority.substr(colon);
    if (!IsHostName(origin.host())) return Invalid("expected a host name or address", authority);
  }
  origin.set_port(scheme == v1::SCHEME_HTTPS ? kHttpsPort : kHttpPort);
  if (rest.empty()) return origin;
  const std::optional<uint32_t> port =
      absl::ConsumePrefix(&rest, ":") ? ParsePort(rest) : std::nullopt;
  if (!port) return Invalid("expected a port from 1 to 65535 after the host", authority);
  origin.set_port(*port);
  return origin;
}

}  // namespace

// Underscores are no letters of RFC 1123, but of the names that container networks give.
bool IsHostName(absl::string_view host) {
  return !host.empty() && host.size() <= kHostBytes && host.front() != '.' &&
         !absl::StrContains(host, "..") && std::all_of(host.begin(), host.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
         });
}

bool HasScheme(absl::string_view text) {
  const size_t end = text.find("://");
  return end != absl::string_view::npos && end > 0 &&
         std::all_of(text.begin(), text.begin() + static_cast<ptrdiff_t>(end), absl::ascii_isalnum);
}

absl::StatusOr<Url> ParseUrl(absl::string_view text) {
  const bool secure = absl::StartsWithIgnoreCase(text, "https://");
  if (!secure && !absl::StartsWithIgnoreCase(text, "http://")) {
    return Invalid("expected a URL such as http://localhost:8080", text);
  }
  text.remove_prefix(text.find("//") + 2);
  const size_t end = std::min(text.find_first_of("/?#"), text.size());
  absl::StatusOr<v1::Origin> origin =
      ParseAuthority(secure ? v1::SCHEME_HTTPS : v1::SCHEME_HTTP, text.substr(0, end));
  if (!origin.ok()) return origin.status();
  const absl::string_view target = text.substr(end);
  const absl::string_view slash = absl::StartsWith(target, "/") ? "" : "/";
  Url url{*std::move(origin), absl::StrCat(slash, target)};
  if (absl::Status status = CheckRequestTarget(url.target); !status.ok()) return status;
  return url;
}

absl::Status CheckRequestTarget(absl::string_view target) {
  if (target.size() > limits::kTargetBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(target.size(), " bytes, the limit is ", limits::kTargetBytes));
  }
  if (!absl::StartsWith(target, "/")) {
    return Invalid("expected a path that begins with / or a URL with http:// or https://", target);
  }
  if (absl::StrContains(target, '#')) {
    return Invalid("a fragment (#) is never sent; write %23 for a literal #", target);
  }
  const bool visible = std::all_of(target.begin(), target.end(), absl::ascii_isgraph);
  if (!visible) return Invalid("percent-encode spaces, control and non-ASCII characters", target);
  return absl::OkStatus();
}

}  // namespace loadfleet
