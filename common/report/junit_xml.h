// A report for continuous integration: JUnit's XML, which every CI server shows.
#pragma once

#include <string>

#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// One suite with a case for the run, which fails when the verdict does for another reason than a
// threshold, and one for each threshold.
std::string JunitXml(const v1::Report& report);

}  // namespace loadfleet
