#include "common/report/hdr_log.h"

#include <zlib.h>

#include <bit>
#include <cmath>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/protocol.h"
#include "common/report/format.h"
#include "common/report/measured.h"
#include "common/stats/histogram.h"
#include "common/stats/quantile.h"

namespace loadfleet {
namespace {

// HdrHistogram's cookies of the V2 encoding, with its word size.
constexpr uint32_t kCookie = 0x1c849303 | 0x10;
constexpr uint32_t kCompressedCookie = 0x1c849304 | 0x10;
constexpr uint32_t kSignificantDigits = 3;
constexpr int kTicksPerHalf = 5;
constexpr int kSubBuckets = 2048;

template <typename Number>
void AppendBigEndian(Number number, std::string* out) {
  for (int shift = 8 * (sizeof(number) - 1); shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(number >> shift & 0xff));
  }
}

// ZigZag LEB128, the ninth byte holding all that is left (ZigZagEncoding.java).
void AppendZigZag(int64_t value, std::string* out) {
  uint64_t rest = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
  for (int i = 0; i < 8 && rest >= 0x80; ++i) {
    out->push_back(static_cast<char>(rest | 0x80));
    rest >>= 7;
  }
  out->push_back(static_cast<char>(rest));
}

// Counts in the order of their buckets, whose indices are ours; a run of empty ones as its negative
// length.
std::string CountsOf(const Histogram& histogram) {
  std::string counts;
  uint32_t next = 0;
  histogram.ForEach([&](uint32_t index, uint64_t count) {
    if (index > next + 1) {
      AppendZigZag(-static_cast<int64_t>(index - next), &counts);
    } else if (index > next) {
      AppendZigZag(0, &counts);
    }
    AppendZigZag(static_cast<int64_t>(count), &counts);
    next = index + 1;
  });
  return counts;
}

std::string Encoded(const Histogram& histogram) {
  const std::string counts = CountsOf(histogram);
  std::string plain;
  AppendBigEndian(kCookie, &plain);
  AppendBigEndian(static_cast<uint32_t>(counts.size()), &plain);
  AppendBigEndian(uint32_t{0}, &plain);  // normalizing offset
  AppendBigEndian(kSignificantDigits, &plain);
  AppendBigEndian(uint64_t{1}, &plain);
  AppendBigEndian(uint64_t{Histogram::kMaxMicros}, &plain);
  AppendBigEndian(std::bit_cast<uint64_t>(1.0), &plain);
  plain += counts;

  uLongf size = compressBound(plain.size());
  std::string compressed(size, '\0');
  compress(reinterpret_cast<Bytef*>(compressed.data()), &size,
           reinterpret_cast<const Bytef*>(plain.data()), plain.size());
  compressed.resize(size);
  std::string whole;
  AppendBigEndian(kCompressedCookie, &whole);
  AppendBigEndian(static_cast<uint32_t>(compressed.size()), &whole);
  return absl::Base64Escape(whole + compressed);
}

// Tags end at the comma.
std::string Tag(absl::string_view text) {
  return absl::StrReplaceAll(Printable(std::string_view(text.data(), text.size())),
                             {{",", "_"}, {" ", "_"}, {"\"", "_"}});
}

void AppendLine(absl::string_view tag, const v1::Report& report, const Histogram& histogram,
                std::string* out) {
  if (histogram.empty()) return;
  absl::StrAppendFormat(out, "Tag=%s,0.000,%.3f,%.3f,%s\n", Tag(tag),
                        static_cast<double>(report.duration_ns()) / 1e9,
                        static_cast<double>(histogram.max_us()) / 1e3, Encoded(histogram));
}

// The percentiles, of 1, at which HdrHistogram prints a line: so many for each half of what is left
// to 100 %, as far as `count` samples can show.
std::vector<double> Levels(uint64_t count) {
  std::vector<double> levels;
  const double last = 1 - 1 / (2 * static_cast<double>(count));
  for (double level = 0; level < last;) {
    levels.push_back(level);
    const double halvings = std::floor(std::log2(1 / (1 - level))) + 1;
    level += 1 / (kTicksPerHalf * std::pow(2, halvings));
  }
  levels.push_back(1);
  return levels;
}

// Of what has come to an end.
double DeviationOf(const Histogram& histogram) {
  const double mean = histogram.MeanMicros();
  double squares = 0;
  histogram.ForEach([&](uint32_t index, uint64_t count) {
    const double middle = (static_cast<double>(Histogram::LowestAt(index)) +
                           static_cast<double>(Histogram::HighestAt(index))) /
                          2;
    squares += static_cast<double>(count) * (middle - mean) * (middle - mean);
  });
  const auto count = static_cast<double>(histogram.TotalCount());
  return count == 0 ? 0 : std::sqrt(squares / count);
}

}  // namespace

absl::StatusOr<std::string> HdrLog(const v1::Report& report) {
  const absl::StatusOr<Measured> total = Measure(report.total());
  if (!total.ok()) return total.status();
  std::string out = absl::StrFormat(
      "#[Logged with loadfleet %s; values are microseconds]\n"
      "#[Histogram log format version 1.3]\n"
      "#[StartTime: %.3f (seconds since epoch), %s]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      kVersion, static_cast<double>(report.started_at_ms()) / 1e3,
      FormatUtc(report.started_at_ms()));
  const RequestStats& stats = total->stats;
  AppendLine("response_time", report, stats.response_time, &out);
  AppendLine("response_time_at_least", report, stats.response_time_censored, &out);
  AppendLine("service_time", report, stats.service_time, &out);
  AppendLine("queue_wait", report, stats.queue_wait, &out);
  AppendLine("lateness", report, stats.lateness, &out);
  for (const v1::RequestReport& request : report.requests()) {
    const absl::StatusOr<Measured> one = Measure(request.totals());
    if (!one.ok()) return one.status();
    const std::string name = absl::StrCat(request.scenario(), "/", request.request());
    AppendLine(name, report, one->stats.response_time, &out);
    AppendLine(name + "_at_least", report, one->stats.response_time_censored, &out);
  }
  return out;
}

absl::StatusOr<std::string> HdrPercentiles(const v1::Report& report) {
  const absl::StatusOr<Measured> total = Measure(report.total());
  if (!total.ok()) return total.status();
  const Histogram& observed = total->stats.response_time;
  const Histogram& censored = total->stats.response_time_censored;
  const uint64_t complete = observed.TotalCount();
  const uint64_t count = complete + censored.TotalCount();
  std::string out = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n";
  if (count > 0) {
    const std::vector<double> levels = Levels(count);
    const std::vector<QuantileValue> values = QuantilesOf(observed, censored, levels);
    for (size_t i = 0; i < levels.size(); ++i) {
      const double reached = std::max(1.0, std::ceil(levels[i] * static_cast<double>(count)));
      absl::StrAppendFormat(&out, "%12.3f %2.12f %10d", values[i].micros / 1e3, levels[i],
                            static_cast<uint64_t>(reached));
      if (levels[i] < 1) absl::StrAppendFormat(&out, " %14.2f", 1 / (1 - levels[i]));
      out.push_back('\n');
    }
  }
  if (complete < count) {
    absl::StrAppendFormat(&out, "#[From %.6f on values are only known to be at least this]\n",
                          static_cast<double>(complete) / static_cast<double>(count));
  }
  const uint64_t highest = std::max(observed.max_us(), censored.max_us());
  absl::StrAppendFormat(&out,
                        "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n"
                        "#[Max     = %12.3f, Total count    = %12d]\n"
                        "#[Buckets = %12d, SubBuckets     = %12d]\n",
                        observed.MeanMicros() / 1e3, DeviationOf(observed) / 1e3,
                        static_cast<double>(highest) / 1e3, count,
                        Histogram::kBuckets / (kSubBuckets / 2) - 1, kSubBuckets);
  return out;
}

}  // namespace loadfleet
