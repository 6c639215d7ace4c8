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

}  // namespace

std::string YamlText(absl::string_view text) {
  if (IsPlain(text)) return std::string(text);
  if (IsPrintableAscii(text)) {
    return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
  }
  std::string quoted = "\"";
  for (const char c : text) AppendEscaped(c, &quoted);
  quoted.push_back('"');
  return quoted;
}

std::string YamlValue(absl::string_view text) {
  return YamlText(absl::StrReplaceAll(text, {{"${", "$${"}}));
}

}  // namespace loadfleet
