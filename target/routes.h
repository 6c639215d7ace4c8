// What the target answers to which path: a pure function.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/strings/string_view.h"
#include "common/clock.h"

namespace loadfleet::target {

enum class Route : uint8_t {
  kPing,
  kStatus,
  kBytes,
  kDelay,
  kEcho,
  kDrip,
  kStats,
  kCookie,
  kRedirect,
  kGzip,
  kOther
};
inline constexpr int kRoutes = 11;

// The name in TargetCounters::by_route.
std::string_view RouteName(Route route);

struct Answer {
  Route route = Route::kOther;
  int status = 404;
  uint64_t bytes = 0;  // of the body: kBytes and kDrip
  Nanos over = 0;      // kDelay: before the answer; kDrip: from the first chunk to the last
  // A part of the target: kCookie: what is set, empty: nothing; kRedirect: where to.
  absl::string_view text = {};
};

// `target` is the request target as sent: a path and a query, or an absolute URL. A number beyond
// its limit is no route.
Answer RouteOf(absl::string_view target);

}  // namespace loadfleet::target
