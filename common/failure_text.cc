#include "common/failure_text.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/stats/outcome.h"

namespace loadfleet {
namespace {

// The second word of the response's status line; 0: there was no response.
uint32_t StatusOf(const v1::ExchangeRecord& record) {
  absl::string_view head = record.response_head();
  const size_t space = head.find(' ');
  uint32_t status = 0;
  if (space == head.npos || !absl::SimpleAtoi(head.substr(space + 1, 3), &status)) return 0;
  return status;
}

}  // namespace

std::string FailureKindText(const v1::ExchangeRecord& record) {
  if (record.outcome() == v1::OUTCOME_OK) {
    if (record.failed_checks().empty()) return "check";
    // What was expected, and what was found instead, comes behind the colon.
    const std::string& told = record.failed_checks(0);
    return absl::StrCat("check ", told.substr(0, told.find(':')));
  }
  const std::string outcome(OutcomeName(static_cast<Outcome>(record.outcome())));
  const uint32_t status = record.outcome() == v1::OUTCOME_BAD_STATUS ? StatusOf(record) : 0;
  return status == 0 ? outcome : absl::StrCat(outcome, " ", status);
}

}  // namespace loadfleet
