#include "loadctl/import/yaml_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace loadfleet {
namespace {

// Few enough that nobody has to know YAML's rules to see that they are safe. No space, so that
// neither `: ` nor ` #` is in it.
bool IsPlain(absl::string_view text) {
  if (text.empty() || absl::EqualsIgnoreCase(text, "null")) return false;
  if (!absl::ascii_isalnum(text.front()) && text.front() != '/') return false;
  return text.back() != ':' && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || absl::StrContains("/._-+=?&%:;", c);
         });
}

bool IsPrintableAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isprint);
}

void AppendEscaped(char c, std::string* out) {
  switch (c) {
    case '"':
    case '\\':
      absl::StrAppend(out, "\\", absl::string_view(&c, 1));
      break;
    case '\n':
      out->append("\\n");
      break;
    case '\r':
      out->append("\\r");
      break;
    case '\t':
      out->append("\\t");
      break;
    default:
      if (absl::ascii_iscntrl(c)) {
        absl::StrAppendFormat(out, "\\x%02x", static_cast<unsigned char>(c));
      } else {
        out->push_back(c);
      }
  }
}

// Of the character that begins with text[at]; 0: it has one byte, or four.
uint32_t WideAt(absl::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  if ((byte(0) & 0xe0) == 0xc0 && at + 1 < text.size()) {
    return (byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu);
  }
  if ((byte(0) & 0xf0) == 0xe0 && at + 2 < text.size()) {
    return (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
  }
  return 0;
}

// What YAML 1.1 does not take as it stands, or takes for the end of a line.
bool NeedsNumber(uint32_t wide) {
  return (wide >= 0x80 && wide <= 0xa0) || wide == 0x2028 || wide == 0x2029 || wide == 0xfeff ||
         wide == 0xfffe || wide == 0xffff;
}

}  // namespace

std::string YamlText(absl::string_view text) {
  if (IsPlain(text)) return std::string(text);
  if (IsPrintableAscii(text)) {
    return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
  }
  std::string quoted = "\"";
  for (size_t at = 0; at < text.size(); ++at) {
    const uint32_t wide = WideAt(text, at);
    if (NeedsNumber(wide)) {
      absl::StrAppendFormat(&quoted, "\\u%04x", wide);
      at += wide < 0x800 ? 1 : 2;
    } else {
      AppendEscaped(text[at], &quoted);
    }
  }
  quoted.push_back('"');
  return quoted;
}

std::string YamlValue(absl::string_view text) {
  return YamlText(absl::StrReplaceAll(text, {{"${", "$${"}}));
}

}  // namespace loadfleet
