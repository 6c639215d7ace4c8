#include "common/regex.h"

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/text.h"

namespace loadfleet {

absl::StatusOr<std::unique_ptr<RE2>> CompileRegex(const std::string& pattern) {
  if (pattern.size() > limits::kRegexBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(pattern.size(), " bytes, the limit is ", limits::kRegexBytes));
  }
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  options.set_max_mem(limits::kRegexMemory);
  auto regex = std::make_unique<RE2>(pattern, options);
  if (regex->ok()) return regex;
  return absl::InvalidArgumentError(
      absl::StrCat("no regular expression of RE2: ", Shown(regex->error())));
}

}  // namespace loadfleet
