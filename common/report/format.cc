#include "common/report/format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace loadfleet {
namespace {

// The length of the UTF-8 sequence that begins at `at`, 0 when there is no valid one (RFC 3629, 4).
size_t SequenceLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(at);
  size_t length = 0;
  uint8_t second_low = 0x80;
  uint8_t second_high = 0xBF;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) second_low = 0xA0;
    if (first == 0xED) second_high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) second_low = 0x90;
    if (first == 0xF4) second_high = 0x8F;
  }
  if (length == 0 || at + length > text.size()) return 0;
  if (byte(at + 1) < second_low || byte(at + 1) > second_high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

bool Dangerous(std::string_view sequence) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(sequence[i]); };
  if (sequence.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
  if (sequence.size() == 2) return byte(0) == 0xC2 && byte(1) < 0xA0;  // C1
  if (sequence.size() != 3 || byte(0) != 0xE2) return false;
  if (byte(1) == 0x80) {
    return byte(2) == 0x8E ||
           byte(2) == 0x8F ||  // U+200E, U+200F: direction marks
                               // U+2028..U+202E: separators, embeddings, overrides
           (byte(2) >= 0xA8 && byte(2) <= 0xAE);
  }
  return byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;  // U+2066..U+2069: isolates
}

}  // namespace

std::string FormatMicros(double micros) {
  if (micros < 999.5) return absl::StrFormat("%.0fus", micros);
  const double millis = micros / 1e3;
  if (millis < 9.995) return absl::StrFormat("%.2fms", millis);
  if (millis < 99.95) return absl::StrFormat("%.1fms", millis);
  if (millis < 999.5) return absl::StrFormat("%.0fms", millis);
  const double seconds = micros / 1e6;
  if (seconds < 9.995) return absl::StrFormat("%.2fs", seconds);
  if (seconds < 99.95) return absl::StrFormat("%.1fs", seconds);
  return absl::StrFormat("%.0fs", seconds);
}

std::string FormatQuantile(const QuantileValue& value) {
  return absl::StrCat(value.lower_bound ? ">= " : "", FormatMicros(value.micros));
}

std::string FormatQuantile(const v1::Quantile& value) {
  return FormatQuantile(QuantileValue{value.value_us(), value.lower_bound()});
}

std::string FormatCount(uint64_t count) {
  const std::string digits = absl::StrCat(count);
  std::string grouped;
  for (size_t at = 0; at < digits.size(); ++at) {
    if (at != 0 && (digits.size() - at) % 3 == 0) grouped.push_back(',');
    grouped.push_back(digits[at]);
  }
  return grouped;
}

std::string Counted(uint64_t count, absl::string_view one) {
  return absl::StrCat(FormatCount(count), " ", one, count == 1 ? "" : "s");
}

std::string FormatRate(double per_second) {
  if (!std::isfinite(per_second) || per_second < 0) return "-";
  if (per_second >= 999.95) return FormatCount(static_cast<uint64_t>(std::llround(per_second)));
  if (per_second >= 9.995 || per_second == 0) return absl::StrFormat("%.1f", per_second);
  return absl::StrFormat("%.2f", per_second);
}

std::string FormatBytes(double bytes) {
  static constexpr std::array<const char*, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return absl::StrFormat("%.0f B", bytes);
  size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return absl::StrFormat("%.*f %s", bytes < 10 ? 2 : bytes < 100 ? 1 : 0, bytes, kUnits[unit]);
}

std::string FormatElapsed(Nanos duration) {
  const double exact = static_cast<double>(std::max<Nanos>(duration, 0)) / kSecond;
  if (exact < 59.95) return absl::StrFormat("%.1fs", exact);
  const auto seconds = static_cast<int64_t>(std::llround(exact));
  if (seconds < 3600) return absl::StrFormat("%dm%02ds", seconds / 60, seconds % 60);
  return absl::StrFormat("%dh%02dm", seconds / 3600, seconds % 3600 / 60);
}

std::string FormatPercent(double share) {
  if (share >= 1 && share < 1.00005) return "100%";
  const double percent = std::floor(share * 10'000 + 1e-6) / 100;
  return absl::StrFormat("%.2f%%", percent);
}

std::string FormatUtc(int64_t wall_millis) {
  const std::time_t seconds = wall_millis / 1000;
  std::tm utc = {};
  gmtime_r(&seconds, &utc);
  char text[32];
  const size_t length = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return std::string(text, length);
}

std::string Shortened(std::string_view text, size_t columns) {
  std::string clean = Printable(text);
  if (clean.size() <= columns) return clean;
  size_t cut = columns - 2;
  // A cut inside a character would leave bytes that are not UTF-8.
  while (cut > 0 && (static_cast<uint8_t>(clean[cut]) & 0xC0) == 0x80) --cut;
  return absl::StrCat(clean.substr(0, cut), "..");
}

std::string Printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t length = SequenceLength(text, at);
    if (length == 0) {
      clean.push_back('?');
      ++at;
      continue;
    }
    const std::string_view sequence = text.substr(at, length);
    if (!Dangerous(sequence)) clean.append(sequence);
    at += length;
  }
  return clean;
}

}  // namespace loadfleet
