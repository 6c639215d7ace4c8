#include "agent/scenario/shown_exchange.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/http/request_changes.h"
#include "agent/record/recorder.h"
#include "common/text.h"

namespace loadfleet {
namespace {

std::string Hidden(absl::string_view text) {
  return absl::StrCat("(hidden, ", text.size(), " bytes)");
}

// `sid=(hidden, 16 bytes)`.
std::string HideCookie(absl::string_view pair) {
  const size_t equals = pair.find('=');
  if (equals == pair.npos) return Hidden(pair);
  return absl::StrCat(pair.substr(0, equals + 1), Hidden(pair.substr(equals + 1)));
}

// A scheme is none of the secret (RFC 9110, 11.4).
std::string HideAuthorization(absl::string_view value) {
  const size_t space = value.find(' ');
  if (space == value.npos) return Hidden(value);
  return absl::StrCat(value.substr(0, space + 1), Hidden(value.substr(space + 1)));
}

std::string HideCookies(absl::string_view value) {
  std::string shown;
  for (const absl::string_view pair : absl::StrSplit(value, "; ")) {
    absl::StrAppend(&shown, shown.empty() ? "" : "; ", HideCookie(pair));
  }
  return shown;
}

// Its attributes are shown (RFC 6265, 4.1).
std::string HideSetCookie(absl::string_view value) {
  const size_t end = std::min(value.size(), value.find(';'));
  return absl::StrCat(HideCookie(value.substr(0, end)), value.substr(end));
}

// Of several headers they stand one a line.
std::string HideSetCookies(absl::string_view value) {
  std::string shown;
  const char* separator = "";
  for (const absl::string_view line : absl::StrSplit(value, '\n')) {
    absl::StrAppend(&shown, separator, HideSetCookie(line));
    separator = "\n";
  }
  return shown;
}

// Of what is sent: a redirect may have led from one to another.
std::string SchemeOf(const Exchange& exchange) {
  for (const RequestBytes* bytes :
       {&exchange.bytes(), static_cast<const RequestBytes*>(exchange.request)}) {
    for (const HeaderField& field : bytes->fields) {
      if (field.name == ":scheme") return field.value;
    }
  }
  return "http";
}

}  // namespace

std::string WithoutCredentials(absl::string_view name, absl::string_view value) {
  if (absl::EqualsIgnoreCase(name, "Authorization") ||
      absl::EqualsIgnoreCase(name, "Proxy-Authorization")) {
    return HideAuthorization(value);
  }
  if (absl::EqualsIgnoreCase(name, "Cookie")) return HideCookies(value);
  if (absl::EqualsIgnoreCase(name, "Set-Cookie")) return HideSetCookies(value);
  return std::string(value);
}

std::string WithoutCredentials(absl::string_view head) {
  std::string shown;
  while (!head.empty()) {
    const size_t end = std::min(head.size(), head.find("\r\n"));
    const absl::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(head.size(), end + 2));
    const size_t colon = line.find(": ");
    if (colon == line.npos) {
      absl::StrAppend(&shown, line, "\r\n");
    } else {
      const absl::string_view name = line.substr(0, colon);
      absl::StrAppend(&shown, name, ": ", WithoutCredentials(name, line.substr(colon + 2)), "\r\n");
    }
  }
  return shown;
}

v1::ExchangeRecord RecordOf(const ShownExchange& shown, size_t body_bytes) {
  const Exchange& exchange = shown.exchange;
  v1::ExchangeRecord record;
  record.set_request(exchange.request->request);
  record.set_scenario(exchange.request->scenario);
  record.set_outcome(static_cast<v1::Outcome>(shown.result.outcome));
  record.set_intended_ns(exchange.intended - shown.t0);
  record.set_response_time_us(ToMicros(shown.now - exchange.intended));
  const RequestBytes& bytes = exchange.bytes();
  const absl::string_view body(bytes.body().data(), bytes.body().size());
  const absl::string_view head =
      absl::string_view(bytes.wire).substr(0, bytes.wire.size() - body.size());
  const std::string url =
      absl::StrCat(SchemeOf(exchange), "://", HeaderOf(bytes, "host"), TargetOf(bytes));
  record.set_url(ValidUtf8Prefix(url) == url.size() ? url : absl::CHexEscape(url));
  record.set_request_head(WithoutCredentials(head));
  record.set_request_body(std::string(body.substr(0, body_bytes)));
  record.set_request_cut(body.size() > body_bytes);
  if (shown.kept == nullptr || shown.kept->status() == 0) return record;
  record.set_response_head(absl::StrCat("HTTP/1.1 ", shown.kept->status(), "\r\n",
                                        WithoutCredentials(shown.kept->head()), "\r\n"));
  record.set_response_body(shown.kept->body().substr(0, body_bytes));
  record.set_response_cut(shown.kept->body_size() > record.response_body().size());
  return record;
}

}  // namespace loadfleet
