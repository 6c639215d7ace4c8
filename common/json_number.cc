#include "common/json_number.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace loadfleet {
namespace {

// Beyond it exponents are alike: no text is so long that it mattered.
constexpr int64_t kExponent = int64_t{1} << 60;

absl::string_view TakeDigits(absl::string_view* text) {
  size_t count = 0;
  while (count < text->size() && absl::ascii_isdigit((*text)[count])) ++count;
  const absl::string_view digits = text->substr(0, count);
  text->remove_prefix(count);
  return digits;
}

bool IsOfNumber(char c) {
  return absl::ascii_isdigit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

}  // namespace

bool IsJsonNumber(absl::string_view text) {
  absl::ConsumePrefix(&text, "-");
  if (!absl::ConsumePrefix(&text, "0") && TakeDigits(&text).empty()) return false;
  if (absl::ConsumePrefix(&text, ".") && TakeDigits(&text).empty()) return false;
  if (absl::ConsumePrefix(&text, "e") || absl::ConsumePrefix(&text, "E")) {
    if (!absl::ConsumePrefix(&text, "+")) absl::ConsumePrefix(&text, "-");
    if (TakeDigits(&text).empty()) return false;
  }
  return text.empty();
}

Decimal DecimalOf(absl::string_view number) {
  Decimal decimal;
  decimal.negative = absl::ConsumePrefix(&number, "-");
  const absl::string_view whole = TakeDigits(&number);
  const absl::string_view part =
      absl::ConsumePrefix(&number, ".") ? TakeDigits(&number) : absl::string_view();
  if (!number.empty()) {
    number.remove_prefix(1);
    if (!absl::SimpleAtoi(number, &decimal.exponent)) {
      decimal.exponent = absl::StartsWith(number, "-") ? -kExponent : kExponent;
    }
    decimal.exponent = std::clamp(decimal.exponent, -kExponent, kExponent);
  }
  decimal.exponent += static_cast<int64_t>(whole.size());
  std::string& digits = decimal.digits;
  digits.reserve(whole.size() + part.size());
  digits.append(whole.data(), whole.size());
  digits.append(part.data(), part.size());
  const size_t first = digits.find_first_not_of('0');
  if (first == digits.npos) return {};
  digits.erase(0, first);
  decimal.exponent -= static_cast<int64_t>(first);
  digits.erase(digits.find_last_not_of('0') + 1);
  return decimal;
}

void BlankNumbers(std::string* json) {
  bool quoted = false;
  for (size_t at = 0; at < json->size();) {
    const char c = (*json)[at];
    if (quoted && c == '\\') {
      at += 2;
      continue;
    }
    if (c == '"') quoted = !quoted;
    const bool number = !quoted && (c == '-' || absl::ascii_isdigit(c));
    size_t end = at + 1;
    while (number && end < json->size() && IsOfNumber((*json)[end])) ++end;
    if (number && IsJsonNumber(absl::string_view(*json).substr(at, end - at))) {
      memset(json->data() + at, ' ', end - at);
      (*json)[at] = '0';
    }
    at = end;
  }
}

}  // namespace loadfleet
