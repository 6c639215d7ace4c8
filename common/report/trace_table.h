// The slowest requests that carried a trace id, for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// Those of the whole run, the slowest first; at most `most`.
std::vector<const v1::TracedRequest*> SlowestTraced(const v1::Report& report, size_t most);

// 32 hexadecimal digits, as `traceparent` has it.
std::string TraceIdText(const v1::TracedRequest& traced);

// Appends nothing when there are none.
void AppendTraces(const v1::Report& report, std::string* out);

// All of the report, in its order.
nlohmann::ordered_json TracesJson(const v1::Report& report);

}  // namespace loadfleet
