// Status lines and headers of answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/clock.h"

namespace loadfleet::target {

// What the Connection header says, and whether the connection lives on.
enum class Persistence { kKeep, kKeepHttp10, kClose };

struct Head {
  int status = 200;
  Persistence persistence = Persistence::kKeep;
  std::optional<uint64_t> content_length = {};
  bool chunked = false;
  absl::string_view content_type = {};  // empty: no such header
  absl::string_view method = {};        // X-Method of /echo; empty: no such header
  // Likewise.
  absl::string_view content_encoding = {};
  absl::string_view location = {};
  absl::string_view set_cookie = {};
};

// One for each loop, so that what is the same in all answers of a second is rendered once a second.
class ResponseHeads {
 public:
  explicit ResponseHeads(const Clock& clock) : clock_(clock) { Refresh(clock.Now()); }

  // Once a turn of the loop.
  void Refresh(Nanos now) {
    if (now / kSecond != second_) Render(now);
  }

  void Append(const Head& head, std::string* out) const;

  // The whole answer to GET /ping on a connection that is kept.
  const std::string& ping() const { return ping_; }

 private:
  void Render(Nanos now);

  const Clock& clock_;
  int64_t second_ = -1;
  std::string date_;  // the header's whole line (RFC 9110, 5.6.7)
  std::string ping_;
};

}  // namespace loadfleet::target
