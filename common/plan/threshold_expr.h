// The small language of a threshold: what is measured, and what must hold of it. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loadfleet/v1/plan.pb.h"

namespace loadfleet {

// `response_time{request=order,stage=steady}`. A value in double quotes may hold anything but
// those.
struct MetricText {
  std::string name;
  std::vector<std::pair<std::string, std::string>> selectors;  // as written, in order
};
absl::StatusOr<MetricText> SplitMetric(absl::string_view text);

// INVALID_ARGUMENT, with a hint, when there is no such metric.
absl::StatusOr<v1::ThresholdMetric> MetricOf(absl::string_view name);

// Which selectors go with a metric; `tag` stands for `tag.NAME`, of any name.
std::vector<std::string> SelectorsOf(v1::ThresholdMetric metric);

// `p(99) < 250ms`, in k6's grammar: sets aggregate, quantile, comparison, limit and unit of
// `threshold`, whose `measured` is set. INVALID_ARGUMENT says what is expected.
absl::Status ParseThresholdExpr(absl::string_view text, v1::Threshold* threshold);

}  // namespace loadfleet
