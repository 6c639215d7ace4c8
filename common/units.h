// How people write durations, sizes, rates, shares and counts, in plans, configuration files and
// flags.
//
// Every parser is exact (no floating point between the text and the result), takes the whole text
// or refuses it with INVALID_ARGUMENT and a message that names the expected form, and knows no
// sign, exponent, NaN or infinity. What is in range is the caller's business, except where the type
// cannot hold it.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// `500ms`, `30s`, `1.5s`, `1h30m`: numbers with the units h, m, s, ms, us, ns, the larger unit
// first. Below 292 years.
absl::StatusOr<Nanos> ParseDuration(absl::string_view text);

// Bytes: `512`, `64KiB`, `1.5MiB`, `10MB`; units B, KiB, MiB, GiB, kB, MB, GB.
absl::StatusOr<uint64_t> ParseSize(absl::string_view text);

// `10000/s`, `600/m`, `100/10s`; a bare number is per second. Above 0. Keeps the period as it is
// written, unless a decimal number needs a longer one: `0.5/s` is 1 per 2 s.
absl::StatusOr<v1::Rate> ParseRate(absl::string_view text);

// A share as 0..1: `90%` or `0.9`.
absl::StatusOr<double> ParsePercent(absl::string_view text);

// A whole number in decimal digits.
absl::StatusOr<uint64_t> ParseCount(absl::string_view text);

// The shortest form that ParseDuration reads back to the same value: `1h30m`, `1.5s`, `0s`. A minus
// in front when negative.
std::string FormatDuration(Nanos duration);

// For people: `64KiB`, `1.5MiB`, at most two decimals.
std::string FormatSize(uint64_t bytes);

}  // namespace loadfleet
