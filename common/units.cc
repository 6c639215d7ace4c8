#include "common/units.h"

#include <array>
#include <limits>
#include <numeric>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/limits.h"
#include "common/text.h"

namespace loadfleet {
namespace {

// NOLINTNEXTLINE: ISO C++ has no 128-bit integer; both compilers do.
__extension__ typedef unsigned __int128 Wide;

constexpr int kDigits = 18;  // what fits an int64 whatever the digits are
constexpr uint64_t kInt64Max = std::numeric_limits<int64_t>::max();

struct Unit {
  absl::string_view name;
  uint64_t factor;
};

// The larger first; a unit that begins like another one stands after it is matched whole, never by
// prefix.
constexpr std::array<Unit, 6> kDurationUnits{{{"h", 3600ULL * kSecond},
                                              {"m", 60ULL * kSecond},
                                              {"s", kSecond},
                                              {"ms", kMillisecond},
                                              {"us", kMicrosecond},
                                              {"ns", 1}}};
constexpr std::array<Unit, 7> kSizeUnits{{{"B", 1},
                                          {"KiB", 1ULL << 10},
                                          {"MiB", 1ULL << 20},
                                          {"GiB", 1ULL << 30},
                                          {"kB", 1'000},
                                          {"MB", 1'000'000},
                                          {"GB", 1'000'000'000}}};

constexpr absl::string_view kDurationForm = "a duration such as 500ms, 30s or 1h30m";
constexpr absl::string_view kSizeForm = "a size such as 512, 64KiB or 10MB";
constexpr absl::string_view kRateForm = "a rate such as 10000/s, 600/m or 0.5/s";
constexpr absl::string_view kPercentForm = "a share such as 90% or 0.9";
constexpr absl::string_view kCountForm = "a whole number such as 50";

absl::Status Expected(absl::string_view form, absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("expected ", form, ", got ", Quoted(text)));
}

// digits / scale, scale a power of ten.
struct Decimal {
  uint64_t digits = 0;
  uint64_t scale = 1;
};

// Takes `12` or `12.5` from the front of `text`. Nothing when there is no number or it has too many
// digits.
std::optional<Decimal> TakeDecimal(absl::string_view* text) {
  Decimal number;
  int significant = 0;
  size_t at = 0;
  const auto take_digits = [&](bool fraction) {
    const size_t begin = at;
    for (; at < text->size() && absl::ascii_isdigit((*text)[at]); ++at) {
      number.digits = number.digits * 10 + static_cast<uint64_t>((*text)[at] - '0');
      if (number.digits > 0 || fraction) ++significant;
      if (fraction) number.scale *= 10;
      if (significant > kDigits) return false;
    }
    return at > begin;
  };
  if (!take_digits(false)) return std::nullopt;
  if (at < text->size() && (*text)[at] == '.') {
    ++at;
    if (!take_digits(true)) return std::nullopt;
  }
  text->remove_prefix(at);
  return number;
}

absl::string_view TakeLetters(absl::string_view* text) {
  size_t length = 0;
  while (length < text->size() && absl::ascii_isalpha((*text)[length])) ++length;
  const absl::string_view letters = text->substr(0, length);
  text->remove_prefix(length);
  return letters;
}

// number * factor when that is a whole number an int64 holds.
std::optional<uint64_t> Exactly(const Decimal& number, uint64_t factor) {
  const Wide product = Wide{number.digits} * factor;
  if (product % number.scale != 0 || product / number.scale > kInt64Max) return std::nullopt;
  return static_cast<uint64_t>(product / number.scale);
}

}  // namespace

absl::StatusOr<Nanos> ParseDuration(absl::string_view text) {
  absl::string_view rest = text;
  uint64_t total = 0;
  size_t next_unit = 0;
  do {
    const std::optional<Decimal> number = TakeDecimal(&rest);
    if (!number) return Expected(kDurationForm, text);
    const absl::string_view name = TakeLetters(&rest);
    while (next_unit < kDurationUnits.size() && kDurationUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kDurationUnits.size()) return Expected(kDurationForm, text);
    const std::optional<uint64_t> part = Exactly(*number, kDurationUnits[next_unit++].factor);
    if (!part || total + *part > kInt64Max) {
      return absl::InvalidArgumentError(absl::StrCat(
          "expected a duration of whole nanoseconds below 292 years, got ", Quoted(text)));
    }
    total += *part;
  } while (!rest.empty());
  return static_cast<Nanos>(total);
}

absl::StatusOr<uint64_t> ParseSize(absl::string_view text) {
  absl::string_view rest = text;
  const std::optional<Decimal> number = TakeDecimal(&rest);
  if (!number) return Expected(kSizeForm, text);
  const absl::string_view name = rest.empty() ? "B" : TakeLetters(&rest);
  for (const Unit& unit : kSizeUnits) {
    if (unit.name != name || !rest.empty()) continue;
    if (const std::optional<uint64_t> bytes = Exactly(*number, unit.factor)) return *bytes;
    return absl::InvalidArgumentError(
        absl::StrCat("expected a size of whole bytes below 8 EiB, got ", Quoted(text)));
  }
  return Expected(kSizeForm, text);
}

absl::StatusOr<v1::Rate> ParseRate(absl::string_view text) {
  absl::string_view rest = text;
  const std::optional<Decimal> number = TakeDecimal(&rest);
  if (!number) return Expected(kRateForm, text);
  Nanos period = kSecond;
  if (!rest.empty()) {
    if (!absl::ConsumePrefix(&rest, "/") || rest.empty()) return Expected(kRateForm, text);
    const std::string written =
        absl::ascii_isdigit(rest.front()) ? std::string(rest) : absl::StrCat("1", rest);
    const absl::StatusOr<Nanos> parsed = ParseDuration(written);
    if (!parsed.ok() || *parsed == 0) return Expected(kRateForm, text);
    period = *parsed;
  }
  if (number->digits == 0) {
    return absl::InvalidArgumentError(absl::StrCat("a rate is above 0, got ", Quoted(text)));
  }
  const uint64_t common = std::gcd(number->digits, number->scale);
  const Wide long_period = Wide{static_cast<uint64_t>(period)} * (number->scale / common);
  if (long_period > Wide{static_cast<uint64_t>(limits::kDuration)}) {
    return absl::InvalidArgumentError(absl::StrCat("expected a rate that is exact within ",
                                                   FormatDuration(limits::kDuration), ", got ",
                                                   Quoted(text)));
  }
  v1::Rate rate;
  rate.set_count(number->digits / common);
  rate.set_period_ns(static_cast<int64_t>(long_period));
  return rate;
}

absl::StatusOr<double> ParsePercent(absl::string_view text) {
  absl::string_view rest = text;
  const std::optional<Decimal> number = TakeDecimal(&rest);
  if (!number) return Expected(kPercentForm, text);
  const Wide whole = Wide{number->scale} * (absl::ConsumeSuffix(&rest, "%") ? 100 : 1);
  if (!rest.empty() || number->digits > whole) return Expected(kPercentForm, text);
  return static_cast<double>(number->digits) / static_cast<double>(whole);
}

absl::StatusOr<uint64_t> ParseCount(absl::string_view text) {
  absl::string_view rest = text;
  const std::optional<Decimal> number = TakeDecimal(&rest);
  if (!number || !rest.empty() || number->scale != 1) return Expected(kCountForm, text);
  return number->digits;
}

std::string FormatDuration(Nanos duration) {
  if (duration == 0) return "0s";
  // Negated as unsigned: the least int64 has no positive twin.
  uint64_t rest = static_cast<uint64_t>(duration);
  std::string text;
  if (duration < 0) {
    text = "-";
    rest = -rest;
  }
  for (const Unit& unit : {kDurationUnits[0], kDurationUnits[1]}) {
    if (rest >= unit.factor) absl::StrAppend(&text, rest / unit.factor, unit.name);
    rest %= unit.factor;
  }
  if (rest == 0) return text;
  size_t unit = 2;
  while (rest < kDurationUnits[unit].factor) ++unit;
  const uint64_t factor = kDurationUnits[unit].factor;
  absl::StrAppend(&text, rest / factor);
  if (rest % factor != 0) {
    // factor + remainder has a leading 1 and then exactly the decimals, zeros included.
    std::string decimals = absl::StrCat(factor + rest % factor).substr(1);
    decimals.erase(decimals.find_last_not_of('0') + 1);
    absl::StrAppend(&text, ".", decimals);
  }
  return absl::StrCat(text, kDurationUnits[unit].name);
}

std::string FormatSize(uint64_t bytes) {
  size_t unit = 0;
  while (unit < 3 && bytes >= kSizeUnits[unit + 1].factor) ++unit;
  std::string number = absl::StrFormat(
      "%.2f", static_cast<double>(bytes) / static_cast<double>(kSizeUnits[unit].factor));
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return absl::StrCat(number, kSizeUnits[unit].name);
}

}  // namespace loadfleet
