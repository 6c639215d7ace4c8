// What kind of failure a kept exchange is, for people and to tell kinds apart. Pure.
#pragma once

#include <string>

#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {

// "bad_status 503", "total_timeout"; of a response that was ok but for its checks the first one
// that failed: "check status". Exchanges of one request and one kind are alike.
std::string FailureKindText(const v1::ExchangeRecord& record);

}  // namespace loadfleet
