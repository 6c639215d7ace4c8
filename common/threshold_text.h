// A threshold's result in words. Pure.
#pragma once

#include <string>

#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// "312.4ms", ">= 10s", "0.13%", "9990/s"; "no data" without a value. In the unit of the limit, but
// for a time below 1 of it, which has a smaller one.
std::string FormatThresholdValue(const v1::ThresholdResult& result);

// "response_time{request=order} p(99) < 250ms: 312.4ms"
std::string ThresholdSentence(const v1::ThresholdResult& result);

}  // namespace loadfleet
