#include "common/report/timeline_csv.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace loadfleet {

absl::StatusOr<std::string> TimelineCsv(const v1::Report& report) {
  std::string out =
      "second,intended,started,completed,failed,dropped,p50_ms,p90_ms,p99_ms,max_ms,"
      "lower_bounds\r\n";
  for (const v1::TimelineSecond& second : report.timeline()) {
    absl::StrAppend(&out, second.second(), ",", second.intended(), ",", second.started(), ",",
                    second.completed(), ",", second.failed(), ",", second.dropped());
    const v1::Quantiles& times = second.response_time();
    std::vector<const char*> bounds;
    const auto add = [&](const char* name, const v1::Quantile& quantile) {
      if (times.count() == 0) {
        absl::StrAppend(&out, ",");
      } else {
        absl::StrAppendFormat(&out, ",%.3f", quantile.value_us() / 1'000);
        if (quantile.lower_bound()) bounds.push_back(name);
      }
    };
    add("p50", times.p50());
    add("p90", times.p90());
    add("p99", times.p99());
    add("max", times.max());
    absl::StrAppend(&out, ",", absl::StrJoin(bounds, " "), "\r\n");
  }
  return out;
}

}  // namespace loadfleet
