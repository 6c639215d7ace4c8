// Numbers as JSON writes them (RFC 8259, 6): of any size, and exactly what was written.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace loadfleet {

bool IsJsonNumber(absl::string_view text);

// 0.DIGITS times ten to the `exponent`, with no zero at either end: of equal numbers, however they
// are written, it is the same.
struct Decimal {
  bool negative = false;
  std::string digits;  // empty: zero
  int64_t exponent = 0;

  bool operator==(const Decimal&) const = default;
};

// `number` is one.
Decimal DecimalOf(absl::string_view number);

// Puts a zero and spaces in place of every number, for a parser that knows those of 64 bits only:
// what was JSON is JSON with the same places, and nothing else becomes it.
void BlankNumbers(std::string* json);

}  // namespace loadfleet
