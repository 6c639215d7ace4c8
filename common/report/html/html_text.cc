#include "common/report/html/html_text.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/report/format.h"

namespace loadfleet {

std::string HtmlText(absl::string_view text) {
  return absl::StrReplaceAll(
      Printable(std::string_view(text.data(), text.size())),
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string HtmlLines(absl::string_view text) {
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    std::vector<std::string> parts;
    for (absl::string_view part : absl::StrSplit(line, '\t')) parts.push_back(HtmlText(part));
    lines.push_back(absl::StrJoin(parts, "\t"));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace loadfleet
