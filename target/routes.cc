#include "target/routes.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/limits.h"

namespace loadfleet::target {
namespace {

// Decimal digits only: SimpleAtoi would also take signs and spaces.
std::optional<uint64_t> Number(absl::string_view text, uint64_t least, uint64_t most) {
  uint64_t value = 0;
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
  if (!absl::SimpleAtoi(text, &value) || value < least || value > most) return std::nullopt;
  return value;
}

absl::string_view WithoutOrigin(absl::string_view target) {
  // RFC 9112, 3.2.2: a server accepts the absolute form although only proxies are sent it.
  if (!absl::ConsumePrefix(&target, "http://")) return target;
  const size_t slash = target.find('/');
  return slash == target.npos ? "/" : target.substr(slash);
}

Answer Drip(absl::string_view query) {
  constexpr uint64_t kMostMillis = limits::kTargetWait / kMillisecond;
  uint64_t bytes = 10;
  uint64_t millis = 1'000;
  for (absl::string_view pair : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    std::optional<uint64_t> value;
    if (absl::ConsumePrefix(&pair, "bytes=")) {
      value = Number(pair, 1, limits::kTargetDripBytes);
      bytes = value.value_or(0);
    } else if (absl::ConsumePrefix(&pair, "ms=")) {
      value = Number(pair, 0, kMostMillis);
      millis = value.value_or(0);
    }
    if (!value) return Answer{};
  }
  return {Route::kDrip, 200, bytes, static_cast<Nanos>(millis) * kMillisecond};
}

}  // namespace

std::string_view RouteName(Route route) {
  switch (route) {
    case Route::kPing:
      return "ping";
    case Route::kStatus:
      return "status";
    case Route::kBytes:
      return "bytes";
    case Route::kDelay:
      return "delay";
    case Route::kEcho:
      return "echo";
    case Route::kDrip:
      return "drip";
    case Route::kStats:
      return "stats";
    case Route::kCookie:
      return "cookie";
    case Route::kRedirect:
      return "redirect";
    case Route::kGzip:
      return "gzip";
    case Route::kOther:
      return "other";
  }
  return "other";
}

Answer RouteOf(absl::string_view target) {
  if (target == "/ping") return {Route::kPing, 200, 0, 0};  // the one that benchmarks ask for

  target = WithoutOrigin(target);
  const size_t mark = target.find('?');
  absl::string_view path = target.substr(0, mark);
  const absl::string_view query = mark == target.npos ? "" : target.substr(mark + 1);
  if (path == "/ping") return {Route::kPing, 200, 0, 0};
  if (path == "/echo") return {Route::kEcho, 200, 0, 0};
  if (path == "/stats") return {Route::kStats, 200, 0, 0};
  if (path == "/drip") return Drip(query);
  if (path == "/gzip") return {Route::kGzip, 200, 0, 0};
  if (path == "/cookie") return {Route::kCookie, 200, 0, 0, query};
  if (path == "/redirect") {
    absl::string_view to = query;
    if (absl::ConsumePrefix(&to, "to=") && !to.empty()) return {Route::kRedirect, 302, 0, 0, to};
  }
  if (absl::ConsumePrefix(&path, "/status/")) {
    // 1xx are interim: no final answer can have one (RFC 9110, 15.2).
    if (const auto status = Number(path, 200, 599)) {
      return {Route::kStatus, static_cast<int>(*status), 0, 0};
    }
  } else if (absl::ConsumePrefix(&path, "/bytes/")) {
    if (const auto bytes = Number(path, 0, limits::kResponseBodyBytes)) {
      return {Route::kBytes, 200, *bytes, 0};
    }
  } else if (absl::ConsumePrefix(&path, "/delay/")) {
    if (const auto millis = Number(path, 0, limits::kTargetWait / kMillisecond)) {
      return {Route::kDelay, 200, 0, static_cast<Nanos>(*millis) * kMillisecond};
    }
  }
  return Answer{};
}

}  // namespace loadfleet::target
