#include "common/threshold_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace loadfleet {

std::string FormatThresholdValue(const v1::ThresholdResult& result) {
  if (result.no_data()) return "no data";
  // A count is exact up to here; a value beside its limit must not be rounded onto it.
  const double value = result.value();
  const bool whole = value == static_cast<double>(static_cast<int64_t>(value)) && value < 1e15;
  return absl::StrCat(result.lower_bound() ? ">= " : "",
                      whole ? absl::StrFormat("%.0f", value) : absl::StrFormat("%.6g", value),
                      result.unit());
}

std::string ThresholdSentence(const v1::ThresholdResult& result) {
  return absl::StrCat(result.metric(), " ", result.expr(), ": ", FormatThresholdValue(result));
}

}  // namespace loadfleet
