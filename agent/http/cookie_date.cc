#include "agent/http/cookie_date.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/time/civil_time.h"

namespace loadfleet {
namespace {

// RFC 6265, 5.1.1: what stands between the parts of a date.
bool IsDelimiter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x09 || (byte >= 0x20 && byte <= 0x2f) || (byte >= 0x3b && byte <= 0x40) ||
         (byte >= 0x5b && byte <= 0x60) || (byte >= 0x7b && byte <= 0x7e);
}

// So many digits, from `least` to `most`, at the beginning of `text`, which moves on behind them;
// what follows is no digit.
bool TakeDigits(absl::string_view* text, size_t least, size_t most, int* out) {
  size_t count = 0;
  int number = 0;
  while (count < text->size() && absl::ascii_isdigit((*text)[count])) {
    if (++count > most) return false;
    number = number * 10 + ((*text)[count - 1] - '0');
  }
  if (count < least) return false;
  text->remove_prefix(count);
  *out = number;
  return true;
}

struct Date {
  bool has_time = false, has_day = false, has_month = false, has_year = false;
  int hour = 0, minute = 0, second = 0, day = 0, month = 0, year = 0;

  bool TakeTime(absl::string_view token) {
    int h = 0;
    int m = 0;
    int s = 0;
    if (!TakeDigits(&token, 1, 2, &h) || token.empty() || token[0] != ':') return false;
    token.remove_prefix(1);
    if (!TakeDigits(&token, 1, 2, &m) || token.empty() || token[0] != ':') return false;
    token.remove_prefix(1);
    if (!TakeDigits(&token, 1, 2, &s)) return false;
    hour = h;
    minute = m;
    second = s;
    return has_time = true;
  }
  bool TakeDay(absl::string_view token) { return has_day = TakeDigits(&token, 1, 2, &day); }
  bool TakeMonth(absl::string_view token) {
    static constexpr absl::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                                    "jul", "aug", "sep", "oct", "nov", "dec"};
    const auto* const found = std::find_if(
        std::begin(kMonths), std::end(kMonths),
        [token](absl::string_view name) { return absl::StartsWithIgnoreCase(token, name); });
    month = static_cast<int>(found - std::begin(kMonths)) + 1;
    return has_month = found != std::end(kMonths);
  }
  bool TakeYear(absl::string_view token) {
    if (!TakeDigits(&token, 2, 4, &year)) return false;
    if (year >= 70 && year <= 99) year += 1900;
    if (year >= 0 && year <= 69) year += 2000;
    return has_year = true;
  }
};

}  // namespace

bool ParseCookieDate(absl::string_view text, int64_t* millis) {
  Date date;
  while (!text.empty()) {
    if (IsDelimiter(text.front())) {
      text.remove_prefix(1);
      continue;
    }
    const auto end = std::find_if(text.begin(), text.end(), IsDelimiter);
    const absl::string_view token = text.substr(0, static_cast<size_t>(end - text.begin()));
    text.remove_prefix(token.size());
    if (!date.has_time && date.TakeTime(token)) continue;
    if (!date.has_day && date.TakeDay(token)) continue;
    if (!date.has_month && date.TakeMonth(token)) continue;
    if (!date.has_year) date.TakeYear(token);
  }
  if (!date.has_time || !date.has_day || !date.has_month || !date.has_year) return false;
  if (date.year < 1601 || date.hour > 23 || date.minute > 59 || date.second > 59) return false;
  const absl::CivilSecond moment(date.year, date.month, date.day, date.hour, date.minute,
                                 date.second);
  if (moment.day() != date.day) return false;  // there is no such day in that month
  *millis = (moment - absl::CivilSecond(1970, 1, 1)) * 1000;
  return true;
}

}  // namespace loadfleet
