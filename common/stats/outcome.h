// How a started request ends: exactly one Outcome each. A failed request is data, not an exception.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "loadfleet/v1/metrics.pb.h"

namespace loadfleet {

// The same numbers as v1::Outcome, dense enough to index an array of counters.
enum class Outcome : uint8_t {
  kOk = v1::OUTCOME_OK,
  kBadStatus = v1::OUTCOME_BAD_STATUS,
  kRefused = v1::OUTCOME_REFUSED,
  kReset = v1::OUTCOME_RESET,
  kUnreachable = v1::OUTCOME_UNREACHABLE,
  kConnectTimeout = v1::OUTCOME_CONNECT_TIMEOUT,
  kFirstByteTimeout = v1::OUTCOME_FIRST_BYTE_TIMEOUT,
  kTotalTimeout = v1::OUTCOME_TOTAL_TIMEOUT,
  kClosed = v1::OUTCOME_CLOSED,
  kTruncated = v1::OUTCOME_TRUNCATED,
  kMalformed = v1::OUTCOME_MALFORMED,
  kTooLarge = v1::OUTCOME_TOO_LARGE,
  kTls = v1::OUTCOME_TLS,
  kDns = v1::OUTCOME_DNS,
  kH2Protocol = v1::OUTCOME_H2_PROTOCOL,
  kOutOfPorts = v1::OUTCOME_OUT_OF_PORTS,
  kOutOfDescriptors = v1::OUTCOME_OUT_OF_DESCRIPTORS,
  kInterrupted = v1::OUTCOME_INTERRUPTED,
  kBlockedTarget = v1::OUTCOME_BLOCKED_TARGET,
};

inline constexpr size_t kOutcomeSlots = 64;  // above every value of Outcome

// Whose doing it was. Only kTarget counts against the target.
enum class OutcomeClass : uint8_t { kOk, kTarget, kGenerator, kPolicy };

// snake_case, as reports, metrics and scripts have it: "connect_timeout".
std::string_view OutcomeName(Outcome outcome);
OutcomeClass ClassOf(Outcome outcome);

// Whether a complete response came back, whatever its status: only then is there a response time.
inline bool HasResponse(Outcome outcome) {
  return outcome == Outcome::kOk || outcome == Outcome::kBadStatus;
}

// Whether this version knows it.
inline bool IsOutcome(v1::Outcome value) {
  return value != v1::OUTCOME_UNSPECIFIED && v1::Outcome_IsValid(value);
}

// All outcomes in the order of their numbers.
const std::array<Outcome, 19>& AllOutcomes();

}  // namespace loadfleet
