// A run's times in the two forms that HdrHistogram's tools read.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// A histogram log (format 1.3): a line for each of the run's histograms, and for the response time
// of each request, tagged with its name; values are microseconds. What never got a response stands
// apart, as `response_time_at_least`: a histogram has no place for a value that is only known to be
// above. Source: HdrHistogram, HistogramLogWriter and AbstractHistogram (V2 encoding).
// DATA_LOSS when the report is not what a master writes.
absl::StatusOr<std::string> HdrLog(const v1::Report& report);

// The percentile distribution of the response time, in milliseconds, as HdrHistogram prints it and
// its plotter reads it. Samples known only to be above count, at their age, above all others; a
// comment says from which percentile on. Source: HdrHistogram, outputPercentileDistribution.
absl::StatusOr<std::string> HdrPercentiles(const v1::Report& report);

}  // namespace loadfleet
