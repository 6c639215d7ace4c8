#include "common/template_text.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/limits.h"
#include "common/text.h"

namespace loadfleet {
namespace {

constexpr absl::string_view kVariables[] = {"vu",    "iteration", "arrival",
                                            "agent", "uuid",      "timestamp"};

bool IsName(absl::string_view text) {
  return !text.empty() && !absl::ascii_isdigit(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '.'; });
}

absl::StatusOr<TemplatePart> ParseCall(absl::string_view name, absl::string_view arguments) {
  TemplatePart part;
  const std::vector<absl::string_view> words = absl::StrSplit(arguments, ',');
  if (name == "random_int") {
    part.kind = TemplatePart::Kind::kRandomInt;
    const bool numbers = words.size() == 2 && absl::SimpleAtoi(words[0], &part.from) &&
                         absl::SimpleAtoi(words[1], &part.to);
    if (numbers && part.from <= part.to && part.from >= -limits::kRandomInt &&
        part.to <= limits::kRandomInt) {
      return part;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "expected random_int(LEAST, MOST) with whole numbers up to ", limits::kRandomInt));
  }
  if (name == "random_string") {
    part.kind = TemplatePart::Kind::kRandomString;
    if (words.size() == 1 && absl::SimpleAtoi(words[0], &part.to) && part.to >= 1 &&
        part.to <= limits::kRandomString) {
      return part;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("expected random_string(LENGTH) with a length up to ", limits::kRandomString));
  }
  if (std::find(std::begin(kVariables), std::end(kVariables), name) != std::end(kVariables)) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", name, "` takes no parentheses: {{ ", name, " }}"));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no function ", Quoted(name),
                   " for {{ }}: there are random_int(LEAST, MOST) and random_string(LENGTH)"));
}

absl::StatusOr<TemplatePart> ParsePart(absl::string_view inner) {
  inner = absl::StripAsciiWhitespace(inner);
  const size_t open = inner.find('(');
  // A column of a feeder is called whatever its file's author likes.
  const size_t dot = inner.find('.');
  if (dot < open && dot + 1 < inner.size() && IsName(inner.substr(0, dot))) {
    TemplatePart part;
    part.kind = TemplatePart::Kind::kVariable;
    part.text = std::string(inner);
    return part;
  }
  const absl::string_view name = absl::StripTrailingAsciiWhitespace(inner.substr(0, open));
  if (!IsName(name) || (open != inner.npos && inner.back() != ')')) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a name or a function in {{ }}, got ", Quoted(inner)));
  }
  if (open != inner.npos) return ParseCall(name, inner.substr(open + 1, inner.size() - open - 2));
  TemplatePart part;
  part.kind = TemplatePart::Kind::kVariable;
  part.text = std::string(name);
  return part;
}

}  // namespace

absl::Span<const absl::string_view> IterationVariables() {
  return kVariables;
}

bool IsTemplate(absl::string_view text) {
  return absl::StrContains(text, "{{");
}

absl::StatusOr<std::vector<TemplatePart>> ParseTemplate(absl::string_view text) {
  std::vector<TemplatePart> parts;
  while (!text.empty()) {
    if (parts.size() >= limits::kTemplateParts) {
      return absl::InvalidArgumentError(
          absl::StrCat("a text has at most ", limits::kTemplateParts,
                       " pieces: {{ }} and what stands between them"));
    }
    const size_t begin = std::min(text.size(), text.find("{{"));
    if (begin > 0) parts.emplace_back().text = std::string(text.substr(0, begin));
    if (begin == text.size()) break;
    const size_t end = text.find("}}", begin);
    if (end == text.npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("`{{` without `}}` in ", Quoted(text.substr(begin))));
    }
    absl::StatusOr<TemplatePart> part = ParsePart(text.substr(begin + 2, end - begin - 2));
    if (!part.ok()) return part.status();
    parts.push_back(*std::move(part));
    text.remove_prefix(end + 2);
  }
  return parts;
}

bool TemplateAsksFor(absl::string_view text, absl::string_view name) {
  if (!IsTemplate(text)) return false;
  const auto parts = ParseTemplate(text);
  return parts.ok() && std::any_of(parts->begin(), parts->end(), [name](const TemplatePart& part) {
           return part.kind == TemplatePart::Kind::kVariable && part.text == name;
         });
}

}  // namespace loadfleet
