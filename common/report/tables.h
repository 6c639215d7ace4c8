// What a report shows as tables, before it is Markdown or HTML.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/report/measured.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

struct TableCell {
  std::string text;  // as it came from the plan or the target: whoever prints it escapes it
  bool bad = false;  // stands out
};

struct ReportTable {
  std::vector<std::string> headings;
  size_t texts = 1;  // this many columns, from the left, are text; the others are numbers
  std::vector<std::vector<TableCell>> rows;

  bool empty() const { return rows.empty(); }
};

ReportTable ThresholdTable(const v1::Report& report);

// Response time, service time, queue wait and lateness.
ReportTable TimeTable(const Measured& total);
// How long connections took, where any was opened.
ReportTable ConnectionTable(const Measured& total);

// DATA_LOSS when the report is not what a master writes, as all below.
absl::StatusOr<ReportTable> StageTable(const v1::Report& report);
absl::StatusOr<ReportTable> RequestTable(const v1::Report& report);
absl::StatusOr<ReportTable> GroupTable(const v1::Report& report);

// Each agent, and the sum of all.
absl::StatusOr<ReportTable> AgentTable(const v1::Report& report, const Measured& total);

ReportTable OutcomeTable(const Measured& total);
ReportTable StatusTable(const Measured& total);

// At most `most` rows.
ReportTable FailureTable(const v1::Report& report, size_t most);
ReportTable TraceTable(const v1::Report& report, size_t most);

}  // namespace loadfleet
