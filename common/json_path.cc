#include "common/json_path.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/text.h"

namespace loadfleet {
namespace {

absl::Status Unexpected(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("expected a path such as $.items[0].id, got ", Quoted(text)));
}

}  // namespace

absl::StatusOr<JsonPath> ParseJsonPath(absl::string_view text) {
  JsonPath path;
  if (text.empty() || text.front() != '$') return Unexpected(text);
  for (size_t at = 1; at < text.size();) {
    const char kind = text[at++];
    const size_t end = std::min(text.size(), text.find_first_of(kind == '[' ? "]" : ".[", at));
    const absl::string_view word = text.substr(at, end - at);
    if (kind == '.' && !word.empty() && word.find(']') == word.npos) {
      path.emplace_back().key = std::string(word);
      at = end;
    } else if (kind == '[' && end < text.size() && !word.empty() && word.size() < 10 &&
               word.find_first_not_of("0123456789") == word.npos &&
               absl::SimpleAtoi(word, &path.emplace_back().index)) {
      at = end + 1;
    } else {
      return Unexpected(text);
    }
  }
  return path;
}

}  // namespace loadfleet
