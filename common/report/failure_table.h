// The failing exchanges that a run has kept, for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// One kind of failure of one request, and what it looked like the first time.
struct FailureExample {
  std::string kind;     // FailureKindText
  std::string request;  // its name
  std::string agent;
  std::string seen;  // on one line: the response, what a check found, or that there was none
};

// In the order of the report, which is that of their times.
std::vector<FailureExample> FailureExamples(const v1::Report& report);

// Appends nothing when there are none.
void AppendFailures(const v1::Report& report, std::string* out);

// All of the report, whole.
nlohmann::ordered_json FailuresJson(const v1::Report& report);

}  // namespace loadfleet
