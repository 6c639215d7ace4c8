#include "target/response_heads.h"

#include <llhttp.h>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace loadfleet::target {
namespace {

absl::string_view Reason(int status) {
  switch (status) {
#define LOADFLEET_REASON(number, name, text) \
  case number:                               \
    return #text;
    HTTP_STATUS_MAP(LOADFLEET_REASON)
#undef LOADFLEET_REASON
    default:
      return "";
  }
}

}  // namespace

void ResponseHeads::Append(const Head& head, std::string* out) const {
  if (head.status == 200) {
    out->append("HTTP/1.1 200 OK\r\n");
  } else {
    absl::StrAppend(out, "HTTP/1.1 ", head.status, " ", Reason(head.status), "\r\n");
  }
  out->append(date_);
  if (!head.content_type.empty()) absl::StrAppend(out, "Content-Type: ", head.content_type, "\r\n");
  if (head.content_length) absl::StrAppend(out, "Content-Length: ", *head.content_length, "\r\n");
  if (head.chunked) out->append("Transfer-Encoding: chunked\r\n");
  if (!head.method.empty()) absl::StrAppend(out, "X-Method: ", head.method, "\r\n");
  if (!head.content_encoding.empty()) {
    absl::StrAppend(out, "Content-Encoding: ", head.content_encoding, "\r\n");
  }
  if (!head.location.empty()) absl::StrAppend(out, "Location: ", head.location, "\r\n");
  if (!head.set_cookie.empty()) absl::StrAppend(out, "Set-Cookie: ", head.set_cookie, "\r\n");
  if (head.persistence == Persistence::kClose) out->append("Connection: close\r\n");
  if (head.persistence == Persistence::kKeepHttp10) out->append("Connection: keep-alive\r\n");
  out->append("\r\n");
}

void ResponseHeads::Render(Nanos now) {
  second_ = now / kSecond;
  date_ =
      absl::StrCat("Date: ",
                   absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                                    absl::FromUnixMillis(clock_.WallMillis()), absl::UTCTimeZone()),
                   "\r\n");
  ping_.clear();
  Append({.content_length = 4, .content_type = "text/plain"}, &ping_);
  ping_.append("PONG");
}

}  // namespace loadfleet::target
