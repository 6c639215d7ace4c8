// Numbers as people read them, and text that is safe to print. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "common/stats/quantile.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// Three significant digits in the unit that suits the value: "87us", "1.24ms", "2.30s".
std::string FormatMicros(double micros);

// As FormatMicros; a lower bound reads ">= 1.24ms".
std::string FormatQuantile(const QuantileValue& value);
std::string FormatQuantile(const v1::Quantile& value);

// "1,234,567"
std::string FormatCount(uint64_t count);

// "1 flow", "12 flows".
std::string Counted(uint64_t count, absl::string_view one);

// Per second, without its unit: "12,345", "345.6", "0.25".
std::string FormatRate(double per_second);

// Binary units: "512 B", "1.50 KiB", "2.25 GiB".
std::string FormatBytes(double bytes);

// For people, at a scale of seconds and above: "20.0s", "5m00s", "1h30m".
std::string FormatElapsed(Nanos duration);

// `share` of 1 as a percentage: "100%", "99.95%". Never rounded up to 100.
std::string FormatPercent(double share);

// "2026-01-01T00:00:00Z" (RFC 3339, UTC) of milliseconds since the Unix epoch.
std::string FormatUtc(int64_t wall_millis);

// The text as Printable makes it, cut to `columns` bytes, which "..", its end, then says.
std::string Shortened(std::string_view text, size_t columns);

// The text without what could move a cursor, reorder a line or end it: control characters (C0, DEL,
// C1), bidirectional overrides and line separators are removed, bytes that are not UTF-8 become
// '?'. Everything that came from a plan or a target passes through here before it reaches a
// terminal.
std::string Printable(std::string_view text);

}  // namespace loadfleet
