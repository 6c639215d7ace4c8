// Texts with `{{ }}`: what stands in them, for whoever checks a plan and whoever fills them in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace loadfleet {

struct TemplatePart {
  enum class Kind : uint8_t {
    kLiteral,       // `text` as it is
    kVariable,      // the value of the name `text`, which may be FEEDER.COLUMN
    kRandomInt,     // random_int(from, to), both included
    kRandomString,  // random_string(to): letters and digits
  };
  Kind kind = Kind::kLiteral;
  std::string text;
  int64_t from = 0;
  int64_t to = 0;
};

// The names that every iteration has a value for; `vu` is a closed model's, `arrival` an open
// one's.
absl::Span<const absl::string_view> IterationVariables();

// Before the names of what setup has captured: {{ setup.token }}.
inline constexpr absl::string_view kSetupPrefix = "setup.";

// INVALID_ARGUMENT: a `{{` without its end, or with something in it that is neither a name nor a
// function.
absl::StatusOr<std::vector<TemplatePart>> ParseTemplate(absl::string_view text);

// Whether it is more than a literal.
bool IsTemplate(absl::string_view text);

// Whether a well-formed text asks for the value of `name`.
bool TemplateAsksFor(absl::string_view text, absl::string_view name);

}  // namespace loadfleet
