// Bytes that cannot stand where they are wanted, as % and two digits (RFC 3986, 2.1).
#pragma once

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace loadfleet {

inline void AppendPercentByte(char c, std::string* out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out->push_back('%');
  out->push_back(kHex[byte >> 4]);
  out->push_back(kHex[byte & 15]);
}

// As a request line can hold it: only what cannot stand there is encoded.
inline void AppendVisible(absl::string_view text, std::string* out) {
  for (const char c : text) {
    if (absl::ascii_isgraph(c) && c != '#') {
      out->push_back(c);
    } else {
      AppendPercentByte(c, out);
    }
  }
}

// All but what a URL can hold anywhere (RFC 3986, 2.3).
inline void AppendPercentEncoded(absl::string_view text, std::string* out) {
  for (const char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out->push_back(c);
    } else {
      AppendPercentByte(c, out);
    }
  }
}

// A name or a value of application/x-www-form-urlencoded (WHATWG URL, 5.2).
inline void AppendFormEncoded(absl::string_view text, std::string* out) {
  for (const char c : text) {
    if (absl::ascii_isalnum(c) || c == '*' || c == '-' || c == '.' || c == '_') {
      out->push_back(c);
    } else if (c == ' ') {
      out->push_back('+');
    } else {
      AppendPercentByte(c, out);
    }
  }
}

}  // namespace loadfleet
