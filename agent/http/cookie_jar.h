// The cookies that one user has been given (RFC 6265).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/http/location.h"
#include "common/clock.h"

namespace loadfleet {

// When it is: `monotonic` is what cookies grow old by, `wall_millis` what their dates mean.
struct CookieTime {
  Nanos monotonic = 0;
  int64_t wall_millis = 0;  // since 1970
};

// At most limits::kCookies, the oldest make room; their buffers stay while they are only replaced.
// Which domains are public suffixes nobody knows here: one without a dot, or that is not the host's
// own or a parent of it, is refused. One thread only.
class CookieJar {
 public:
  bool empty() const { return cookies_.empty(); }
  size_t size() const { return cookies_.size(); }
  void Clear() { cookies_.clear(); }

  // What a response of `origin` to a request for `target` has set: the values of its Set-Cookie
  // headers, one a line. What is none, is too large or not this origin's to set is passed over.
  void Store(absl::string_view lines, const OriginName& origin, absl::string_view target,
             const CookieTime& now);

  // Appends what a request has to say, as Cookie has it: `a=1; b=2`; nothing when there is none
  // for it. Without those that `own`, the plan's Cookie header, names.
  void AppendFor(const OriginName& origin, absl::string_view target, absl::string_view own,
                 Nanos now, std::string* out) const;

 private:
  struct Cookie {
    std::string name;
    std::string value;
    std::string domain;
    std::string path;
    bool host_only = true;
    bool secure = false;
    Nanos expires = INT64_MAX;  // monotonic
    uint64_t created = 0;       // in the order of creation
  };
  struct Parsed;

  void StoreLine(absl::string_view line, const OriginName& origin, absl::string_view target,
                 const CookieTime& now);
  void Put(const Parsed& parsed, Nanos now);
  void MakeRoom(Nanos now);

  std::vector<Cookie> cookies_;  // longer paths first, then the older ones (RFC 6265, 5.4)
  uint64_t created_ = 0;
};

}  // namespace loadfleet
