#include "common/stats/outcome.h"

namespace loadfleet {

const std::array<Outcome, 19>& AllOutcomes() {
  static constexpr std::array<Outcome, 19> kAll = {Outcome::kOk,
                                                   Outcome::kBadStatus,
                                                   Outcome::kRefused,
                                                   Outcome::kReset,
                                                   Outcome::kUnreachable,
                                                   Outcome::kConnectTimeout,
                                                   Outcome::kFirstByteTimeout,
                                                   Outcome::kTotalTimeout,
                                                   Outcome::kClosed,
                                                   Outcome::kTruncated,
                                                   Outcome::kMalformed,
                                                   Outcome::kTooLarge,
                                                   Outcome::kTls,
                                                   Outcome::kDns,
                                                   Outcome::kH2Protocol,
                                                   Outcome::kOutOfPorts,
                                                   Outcome::kOutOfDescriptors,
                                                   Outcome::kInterrupted,
                                                   Outcome::kBlockedTarget};
  return kAll;
}

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kBadStatus:
      return "bad_status";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kReset:
      return "reset";
    case Outcome::kUnreachable:
      return "unreachable";
    case Outcome::kConnectTimeout:
      return "connect_timeout";
    case Outcome::kFirstByteTimeout:
      return "first_byte_timeout";
    case Outcome::kTotalTimeout:
      return "total_timeout";
    case Outcome::kClosed:
      return "closed";
    case Outcome::kTruncated:
      return "truncated";
    case Outcome::kMalformed:
      return "malformed";
    case Outcome::kTooLarge:
      return "too_large";
    case Outcome::kTls:
      return "tls";
    case Outcome::kDns:
      return "dns";
    case Outcome::kH2Protocol:
      return "h2_protocol";
    case Outcome::kOutOfPorts:
      return "out_of_ports";
    case Outcome::kOutOfDescriptors:
      return "out_of_descriptors";
    case Outcome::kInterrupted:
      return "interrupted";
    case Outcome::kBlockedTarget:
      return "blocked_target";
  }
  return "unknown";
}

OutcomeClass ClassOf(Outcome outcome) {
  if (outcome == Outcome::kOk) return OutcomeClass::kOk;
  const auto number = static_cast<uint8_t>(outcome);
  if (number < v1::OUTCOME_OUT_OF_PORTS) return OutcomeClass::kTarget;
  if (number < v1::OUTCOME_BLOCKED_TARGET) return OutcomeClass::kGenerator;
  return OutcomeClass::kPolicy;
}

}  // namespace loadfleet
