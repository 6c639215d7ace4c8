// A threshold's result as the JSON summary and the live objects have it.
#pragma once

#include <nlohmann/json.hpp>

#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

nlohmann::ordered_json ThresholdsJson(
    const google::protobuf::RepeatedPtrField<v1::ThresholdResult>& results);

}  // namespace loadfleet
