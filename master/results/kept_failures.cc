#include "master/results/kept_failures.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure_text.h"
#include "common/limits.h"
#include "common/stats/outcome.h"

namespace loadfleet {
namespace {

// Total, so that it makes no difference whose window came first.
bool Earlier(const v1::ExchangeRecord& a, const v1::ExchangeRecord& b) {
  if (a.intended_ns() != b.intended_ns()) return a.intended_ns() < b.intended_ns();
  return std::tie(a.agent_id(), a.url()) < std::tie(b.agent_id(), b.url());
}

}  // namespace

absl::Status KeptFailures::Check(const v1::ExchangeRecord& record) {
  const bool failed = record.outcome() != v1::OUTCOME_OK || !record.failed_checks().empty();
  if (!IsOutcome(record.outcome()) || !failed || record.outcome() == v1::OUTCOME_INTERRUPTED) {
    return absl::InvalidArgumentError(
        absl::StrCat("an exchange with the outcome ", record.outcome(), " is no failure"));
  }
  if (record.ByteSizeLong() <= limits::kFailureBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a failing exchange of ", record.ByteSizeLong(),
                                                 " bytes, the limit is ", limits::kFailureBytes));
}

void KeptFailures::Add(v1::ExchangeRecord record) {
  const auto kind =
      kinds_.try_emplace({record.scenario(), record.request(), FailureKindText(record)}).first;
  std::vector<v1::ExchangeRecord>& records = kind->second;
  bytes_ += record.ByteSizeLong();
  ++count_;
  records.insert(std::upper_bound(records.begin(), records.end(), record, Earlier),
                 std::move(record));
  if (records.size() > limits::kFailuresOfAKind) DropLast(kind);
  while (count_ > limits::kRunFailures || bytes_ > limits::kRunFailureBytes) MakeRoom();
}

void KeptFailures::DropLast(Kinds::iterator kind) {
  bytes_ -= kind->second.back().ByteSizeLong();
  --count_;
  kind->second.pop_back();
  if (kind->second.empty()) kinds_.erase(kind);
}

// Another kind is worth more than another exchange of one; among equals the latest goes.
void KeptFailures::MakeRoom() {
  DropLast(std::max_element(kinds_.begin(), kinds_.end(), [](const auto& a, const auto& b) {
    if (a.second.size() != b.second.size()) return a.second.size() < b.second.size();
    return Earlier(a.second.back(), b.second.back());
  }));
}

void KeptFailures::Fill(List* out) const {
  std::vector<const v1::ExchangeRecord*> all;
  for (const auto& [kind, records] : kinds_) {
    for (const v1::ExchangeRecord& record : records) all.push_back(&record);
  }
  std::sort(all.begin(), all.end(), [](const v1::ExchangeRecord* a, const v1::ExchangeRecord* b) {
    return Earlier(*a, *b);
  });
  for (const v1::ExchangeRecord* record : all) *out->Add() = *record;
}

}  // namespace loadfleet
