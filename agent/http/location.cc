#include "agent/http/location.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/limits.h"
#include "common/percent_encoding.h"

namespace loadfleet {
namespace {

constexpr size_t kHostBytes = 253;  // RFC 1035 2.3.4, without the root's dot

bool IsHostName(absl::string_view host) {
  return !host.empty() && host.size() <= kHostBytes && host.front() != '.' &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
         });
}

void AssignLower(absl::string_view text, std::string* out) {
  out->assign(text.data(), text.size());
  absl::AsciiStrToLower(out);
}

bool ParsePort(absl::string_view text, uint16_t* out) {
  uint32_t port = 0;
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) return false;
  if (!absl::SimpleAtoi(text, &port) || port == 0 || port > 65535) return false;
  *out = static_cast<uint16_t>(port);
  return true;
}

// Whoever puts a password into a URL gives it to nobody here.
bool ParseAuthority(absl::string_view authority, OriginName* origin) {
  absl::string_view rest;
  if (absl::StartsWith(authority, "[")) {
    const size_t end = authority.find(']');
    if (end == authority.npos) return false;
    AssignLower(authority.substr(1, end - 1), &origin->host);
    in6_addr address{};
    if (inet_pton(AF_INET6, origin->host.c_str(), &address) != 1) return false;
    rest = authority.substr(end + 1);
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    if (!IsHostName(authority.substr(0, colon))) return false;
    AssignLower(authority.substr(0, colon), &origin->host);
    rest = authority.substr(colon);
  }
  origin->port = origin->secure ? 443 : 80;
  if (rest.empty() || rest == ":") return true;  // RFC 3986, 6.2.3
  return absl::ConsumePrefix(&rest, ":") && ParsePort(rest, &origin->port);
}

// RFC 3986, 5.2.4, of a path that begins with a slash: from segment to segment into `out`.
void AppendWithoutDots(absl::string_view path, std::string* out) {
  const size_t begin = out->size();
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const size_t end = std::min(path.find('/'), path.size());
    const absl::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    if (segment == "..") {
      const size_t slash = out->rfind('/');
      if (slash != out->npos && slash >= begin) out->erase(slash);
    }
    if (segment == "." || segment == "..") {
      if (path.empty()) out->push_back('/');
      continue;
    }
    out->push_back('/');
    AppendVisible(segment, out);
  }
  if (out->size() == begin) out->push_back('/');
}

// Path and query: "/a/b?c", "?c", or nothing.
bool FinishTarget(absl::string_view text, std::string* out) {
  const absl::string_view path = PathOf(text);
  out->clear();
  AppendWithoutDots(path.empty() ? "/" : path, out);
  AppendVisible(text.substr(path.size()), out);
  return out->size() <= limits::kTargetBytes;
}

// RFC 3986, 3.1.
bool HasOtherScheme(absl::string_view text) {
  const size_t end =
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");
  return end != text.npos && end > 0 && text[end] == ':' && absl::ascii_isalpha(text[0]);
}

// What follows the two slashes.
bool ParseBehindScheme(absl::string_view text, Location* out) {
  const size_t end = std::min(text.find_first_of("/?"), text.size());
  return ParseAuthority(text.substr(0, end), &out->origin) &&
         FinishTarget(text.substr(end), &out->target);
}

absl::string_view WithoutFragment(absl::string_view text) {
  return text.substr(0, text.find('#'));
}

}  // namespace

void AppendAuthority(const OriginName& origin, std::string* out) {
  const bool v6 = absl::StrContains(origin.host, ':');
  if (v6) out->push_back('[');
  out->append(origin.host);
  if (v6) out->push_back(']');
  if (origin.port != (origin.secure ? 443 : 80)) absl::StrAppend(out, ":", origin.port);
}

bool ParseLocation(absl::string_view url, Location* out) {
  url = WithoutFragment(url);
  out->origin.secure = absl::StartsWithIgnoreCase(url, "https://");
  if (!out->origin.secure && !absl::StartsWithIgnoreCase(url, "http://")) return false;
  return ParseBehindScheme(url.substr(url.find("//") + 2), out);
}

bool ResolveLocation(absl::string_view reference, const OriginName& base,
                     absl::string_view base_target, Location* out) {
  reference = WithoutFragment(absl::StripAsciiWhitespace(reference));
  if (HasOtherScheme(reference)) return ParseLocation(reference, out);
  if (absl::StartsWith(reference, "//")) {
    out->origin.secure = base.secure;
    return ParseBehindScheme(reference.substr(2), out);
  }
  out->origin.secure = base.secure;
  out->origin.host = base.host;
  out->origin.port = base.port;
  if (absl::StartsWith(reference, "/")) return FinishTarget(reference, &out->target);
  const absl::string_view base_path = PathOf(base_target);
  if (reference.empty()) return FinishTarget(base_target, &out->target);
  const absl::string_view kept =
      reference.front() == '?' ? base_path : base_path.substr(0, base_path.rfind('/') + 1);
  if (kept.size() + reference.size() > 2 * limits::kTargetBytes) return false;
  return FinishTarget(absl::StrCat(kept, reference), &out->target);
}

}  // namespace loadfleet
