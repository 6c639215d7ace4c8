#include "common/report/threshold_table.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/report/format.h"
#include "common/threshold_text.h"

namespace loadfleet {
namespace {

constexpr size_t kLines = 8;  // more would push the rest off a screen

}  // namespace

void AppendThresholds(const v1::Report& report, std::string* out) {
  if (report.thresholds().empty()) return;
  std::vector<const v1::ThresholdResult*> results;
  for (const v1::ThresholdResult& result : report.thresholds()) results.push_back(&result);
  std::stable_partition(results.begin(), results.end(),
                        [](const v1::ThresholdResult* result) { return !result->ok(); });
  absl::StrAppendFormat(out, "\n%-36s%-22s%14s\n", "threshold", "must be", "was");
  for (size_t i = 0; i < std::min(kLines, results.size()); ++i) {
    const v1::ThresholdResult& result = *results[i];
    absl::StrAppendFormat(out, "%-36s%-22s%14s  %s\n", Shortened(result.metric(), 35),
                          Shortened(result.expr(), 21), FormatThresholdValue(result),
                          result.ok() ? "ok" : "FAILED");
  }
  if (results.size() > kLines) {
    absl::StrAppend(out, "and ", results.size() - kLines, " more (in the JSON summary)\n");
  }
}

}  // namespace loadfleet
