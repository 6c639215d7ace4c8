#include "common/text.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

constexpr size_t kQuotedBytes = 60;

// The length of the UTF-8 sequence at the start of `text`, or 0 when there is none. Table 3-7 of
// the Unicode standard.
size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](size_t i) -> uint8_t {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : 0;
  };
  const auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return text.empty() ? 0 : 1;
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (lead == 0xe0 && byte(1) < 0xa0) return 0;
    if (lead == 0xed && byte(1) > 0x9f) return 0;
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (lead == 0xf0 && byte(1) < 0x90) return 0;
    if (lead == 0xf4 && byte(1) > 0x8f) return 0;
    return continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

size_t ValidUtf8Prefix(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t length = SequenceLength(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

std::string Shown(absl::string_view text) {
  const bool cut = text.size() > kQuotedBytes;
  absl::string_view shown = text.substr(0, kQuotedBytes);
  const size_t valid = ValidUtf8Prefix(shown);
  // A character that the cut went through is left out; anything else that is not UTF-8 is shown in
  // hexadecimal.
  if (cut && shown.size() - valid < 4) shown = shown.substr(0, valid);
  const std::string escaped = ValidUtf8Prefix(shown) == shown.size() ? absl::Utf8SafeCEscape(shown)
                                                                     : absl::CHexEscape(shown);
  return absl::StrCat(escaped, cut ? "..." : "");
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", Shown(text), "\"");
}

}  // namespace loadfleet
