#include "common/report/stage_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/report/format.h"
#include "common/report/measured.h"

namespace loadfleet {
namespace {

constexpr int kLines = 8;  // more would push the rest off a screen
constexpr size_t kNameColumns = 24;
constexpr char kRow[] = "%-*s%8s%11s%11s%8s%9s%9s\n";

std::string NameOf(const v1::StageReport& stage) {
  const std::string name =
      stage.stage().empty() ? absl::StrCat("stage ", stage.index() + 1) : stage.stage();
  const std::string mark = stage.measured() ? "" : "*";
  return Shortened(absl::StrCat(stage.scenario(), "/", name), kNameColumns - 1 - mark.size()) +
         mark;
}

}  // namespace

absl::Status AppendStages(const v1::Report& report, std::string* out) {
  if (report.stages().empty()) return absl::OkStatus();
  absl::StrAppendFormat(out, "\n");
  absl::StrAppendFormat(out, kRow, kNameColumns, "stage", "for", "planned/s", "achieved/s",
                        "failed", "p50", "p99");
  for (int i = 0; i < std::min(kLines, report.stages_size()); ++i) {
    const v1::StageReport& stage = report.stages(i);
    absl::StatusOr<Measured> one = Measure(stage.totals());
    if (!one.ok()) return one.status();
    const double seconds = static_cast<double>(stage.duration_ns()) / kSecond;
    const bool any = one->response_time.count + one->response_time.censored > 0;
    const auto& quantiles = one->response_time.quantiles;
    absl::StrAppendFormat(
        out, kRow, kNameColumns, NameOf(stage), FormatElapsed(stage.duration_ns()),
        stage.planned_rate() > 0 ? FormatRate(stage.planned_rate()) : "-",
        seconds > 0 ? FormatRate(static_cast<double>(one->stats.Completed()) / seconds) : "-",
        FormatCount(one->stats.Failed()), any ? FormatQuantile(quantiles[0]) : "-",
        any ? FormatQuantile(quantiles[3]) : "-");
  }
  if (report.stages_size() > kLines) {
    absl::StrAppend(out, "and ", report.stages_size() - kLines, " more (in the JSON summary)\n");
  }
  const bool unmeasured = std::any_of(report.stages().begin(), report.stages().end(),
                                      [](const auto& stage) { return !stage.measured(); });
  if (unmeasured) {
    absl::StrAppend(out, "* not measured: in the counts, but in none of the run's percentiles\n");
  }
  return absl::OkStatus();
}

}  // namespace loadfleet
