#include "agent/http/cookie_jar.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "agent/http/cookie_date.h"
#include "common/limits.h"

namespace loadfleet {
namespace {

constexpr int64_t kLongestAge = 400LL * 24 * 3600;  // seconds; as browsers have it

// `a; b; c` from part to part: the next one, without the space around it.
absl::string_view TakePart(absl::string_view* rest) {
  const size_t end = std::min(rest->find(';'), rest->size());
  const absl::string_view part = rest->substr(0, end);
  rest->remove_prefix(std::min(end + 1, rest->size()));
  return absl::StripAsciiWhitespace(part);
}

bool IsAddress(const std::string& host) {
  in_addr v4{};
  return absl::StrContains(host, ':') || inet_pton(AF_INET, host.c_str(), &v4) == 1;
}

// RFC 6265, 5.1.3. `domain` in lower case.
bool DomainMatches(absl::string_view host, absl::string_view domain) {
  if (host == domain) return true;
  return absl::EndsWith(host, domain) && host[host.size() - domain.size() - 1] == '.';
}

// RFC 6265, 5.1.4.
bool PathMatches(absl::string_view path, absl::string_view cookie_path) {
  if (!absl::StartsWith(path, cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.back() == '/' ||
         path[cookie_path.size()] == '/';
}

absl::string_view DefaultPath(absl::string_view target) {
  const absl::string_view path = PathOf(target);
  const size_t slash = path.rfind('/');
  return slash == path.npos || slash == 0 ? "/" : path.substr(0, slash);
}

// Whether the Cookie header `own` has one of this name.
bool Names(absl::string_view own, absl::string_view name) {
  while (!own.empty()) {
    const absl::string_view pair = TakePart(&own);
    if (pair.substr(0, pair.find('=')) == name) return true;
  }
  return false;
}

}  // namespace

// A Set-Cookie taken apart. Views into its line, its origin and its target.
struct CookieJar::Parsed {
  absl::string_view name;
  absl::string_view value;
  absl::string_view domain;
  absl::string_view path;
  bool host_only = true;
  bool secure = false;
  Nanos expires = INT64_MAX;
};

void CookieJar::Store(absl::string_view lines, const OriginName& origin, absl::string_view target,
                      const CookieTime& now) {
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    StoreLine(lines.substr(0, end), origin, target, now);
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

// RFC 6265, 5.2 and 5.3.
void CookieJar::StoreLine(absl::string_view line, const OriginName& origin,
                          absl::string_view target, const CookieTime& now) {
  if (line.size() > limits::kCookieBytes || std::any_of(line.begin(), line.end(), [](char c) {
        return absl::ascii_iscntrl(c) && c != '\t';
      })) {
    return;
  }
  Parsed parsed;
  const absl::string_view pair = TakePart(&line);
  const size_t equals = pair.find('=');
  if (equals == pair.npos) return;
  parsed.name = absl::StripAsciiWhitespace(pair.substr(0, equals));
  parsed.value = absl::StripAsciiWhitespace(pair.substr(equals + 1));
  if (parsed.name.empty()) return;
  parsed.path = DefaultPath(target);
  std::string domain;
  bool has_age = false;
  while (!line.empty()) {
    const absl::string_view attribute = TakePart(&line);
    const size_t mark = std::min(attribute.find('='), attribute.size());
    const absl::string_view name = absl::StripAsciiWhitespace(attribute.substr(0, mark));
    const absl::string_view value =
        absl::StripAsciiWhitespace(attribute.substr(std::min(mark + 1, attribute.size())));
    int64_t number = 0;
    if (absl::EqualsIgnoreCase(name, "Secure")) {
      parsed.secure = true;
    } else if (absl::EqualsIgnoreCase(name, "Path")) {
      parsed.path = absl::StartsWith(value, "/") ? value : DefaultPath(target);
    } else if (absl::EqualsIgnoreCase(name, "Domain")) {
      domain = absl::AsciiStrToLower(absl::StripPrefix(value, "."));
    } else if (absl::EqualsIgnoreCase(name, "Max-Age")) {
      if (!absl::SimpleAtoi(value, &number)) continue;
      has_age = true;  // which wins over Expires, whatever their order
      const int64_t seconds = std::min(number, kLongestAge);
      parsed.expires = number <= 0 ? INT64_MIN : now.monotonic + seconds * kSecond;
    } else if (absl::EqualsIgnoreCase(name, "Expires")) {
      if (has_age || !ParseCookieDate(value, &number)) continue;
      const int64_t millis = std::min(number - now.wall_millis, kLongestAge * 1000);
      parsed.expires = millis <= 0 ? INT64_MIN : now.monotonic + millis * kMillisecond;
    }
  }
  parsed.domain = origin.host;
  if (!domain.empty() && domain != origin.host) {
    const bool parent = absl::StrContains(domain, '.') && !IsAddress(origin.host) &&
                        DomainMatches(origin.host, domain);
    if (!parent) return;
    parsed.domain = domain;
  }
  // One without a dot, or an address, names its host alone.
  parsed.host_only = domain.empty() || !absl::StrContains(domain, '.') || IsAddress(origin.host);
  Put(parsed, now.monotonic);
}

void CookieJar::Put(const Parsed& parsed, Nanos now) {
  const bool over = parsed.expires <= now;
  const auto same = std::find_if(cookies_.begin(), cookies_.end(), [&](const Cookie& other) {
    return other.name == parsed.name && other.domain == parsed.domain && other.path == parsed.path;
  });
  if (same != cookies_.end()) {
    if (over) {
      cookies_.erase(same);
      return;
    }
    same->value.assign(parsed.value.data(), parsed.value.size());
    same->host_only = parsed.host_only;
    same->secure = parsed.secure;
    same->expires = parsed.expires;
    return;
  }
  if (over) return;
  if (cookies_.size() >= limits::kCookies) MakeRoom(now);
  const auto place = std::find_if(cookies_.begin(), cookies_.end(), [&](const Cookie& other) {
    return other.path.size() < parsed.path.size();
  });
  Cookie cookie;
  cookie.name = std::string(parsed.name);
  cookie.value = std::string(parsed.value);
  cookie.domain = std::string(parsed.domain);
  cookie.path = std::string(parsed.path);
  cookie.host_only = parsed.host_only;
  cookie.secure = parsed.secure;
  cookie.expires = parsed.expires;
  cookie.created = ++created_;
  cookies_.insert(place, std::move(cookie));
}

// What is over goes first, then the oldest.
void CookieJar::MakeRoom(Nanos now) {
  const auto over = std::remove_if(cookies_.begin(), cookies_.end(),
                                   [now](const Cookie& cookie) { return cookie.expires <= now; });
  if (over != cookies_.end()) {
    cookies_.erase(over, cookies_.end());
    return;
  }
  cookies_.erase(
      std::min_element(cookies_.begin(), cookies_.end(),
                       [](const Cookie& a, const Cookie& b) { return a.created < b.created; }));
}

void CookieJar::AppendFor(const OriginName& origin, absl::string_view target, absl::string_view own,
                          Nanos now, std::string* out) const {
  const absl::string_view path = PathOf(target);
  size_t size = own.size();
  bool first = true;
  for (const Cookie& cookie : cookies_) {
    if (cookie.expires <= now || (cookie.secure && !origin.secure)) continue;
    const bool host =
        cookie.host_only ? cookie.domain == origin.host : DomainMatches(origin.host, cookie.domain);
    if (!host || !PathMatches(path, cookie.path) || Names(own, cookie.name)) continue;
    size += cookie.name.size() + cookie.value.size() + 3;
    if (size > limits::kHeaderBytes) return;
    if (!first) out->append("; ");
    first = false;
    out->append(cookie.name).append("=").append(cookie.value);
  }
}

}  // namespace loadfleet
