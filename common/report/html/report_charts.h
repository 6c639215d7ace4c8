// The charts of a report.
#pragma once

#include <string>

#include "common/report/measured.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// Planned, completed and failed a second, over the run.
std::string RateChart(const v1::Report& report);

// Quantiles of the response time of each second, over the run. Where a point is of more than one
// second it is the highest of them: quantiles have no mean.
std::string ResponseTimeChart(const v1::Report& report);

// The response time and the service time by percentile, as HdrHistogram plots them: the distance
// from 100 % in powers of ten. What is known only to be above is dashed.
std::string PercentileChart(const Measured& total);

}  // namespace loadfleet
