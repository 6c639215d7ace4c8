#include "common/stats/request_stats.h"

#include "absl/strings/str_cat.h"

namespace loadfleet {

uint64_t RequestStats::Completed() const {
  return CountOf(Outcome::kOk) + CountOf(Outcome::kBadStatus);
}

uint64_t RequestStats::Failed() const {
  uint64_t failed = 0;
  for (uint64_t count : outcomes) failed += count;
  return failed - CountOf(Outcome::kOk);
}

bool RequestStats::empty() const {
  return started == 0 && Failed() == 0 && CountOf(Outcome::kOk) == 0 &&
         response_time_censored.empty() && connect_time.empty() && bytes_sent == 0 &&
         bytes_received == 0 && checks_passed == 0 && checks_failed == 0;
}

void RequestStats::Merge(const RequestStats& other) {
  MergeUnmeasured(other);
  response_time.Merge(other.response_time);
  response_time_censored.Merge(other.response_time_censored);
  service_time.Merge(other.service_time);
  queue_wait.Merge(other.queue_wait);
  lateness.Merge(other.lateness);
  first_byte_time.Merge(other.first_byte_time);
  body_time.Merge(other.body_time);
}

void RequestStats::MergeUnmeasured(const RequestStats& other) {
  MergeCounts(other);
  connect_time.Merge(other.connect_time);
  tls_time.Merge(other.tls_time);
}

void RequestStats::MergeCounts(const RequestStats& other) {
  started += other.started;
  for (size_t i = 0; i < outcomes.size(); ++i) outcomes[i] += other.outcomes[i];
  for (const auto& [status, count] : other.statuses.counts()) statuses.Add(status, count);
  bytes_sent += other.bytes_sent;
  bytes_received += other.bytes_received;
  resent += other.resent;
  checks_passed += other.checks_passed;
  checks_failed += other.checks_failed;
  not_sent += other.not_sent;
  redirects += other.redirects;
}

absl::Status RequestStats::Check(const v1::RequestStats& message) {
  for (const v1::OutcomeCount& entry : message.outcomes()) {
    const auto outcome = static_cast<uint64_t>(entry.outcome());
    if (outcome == 0 || outcome >= kOutcomeSlots) {
      return absl::InvalidArgumentError(absl::StrCat("unknown outcome ", outcome));
    }
  }
  for (const v1::StatusCount& entry : message.statuses()) {
    if (entry.status() < 100 || entry.status() > 999) {
      return absl::InvalidArgumentError(absl::StrCat("impossible HTTP status ", entry.status()));
    }
  }
  for (const v1::SparseHistogram* sparse :
       {&message.response_time(), &message.response_time_censored(), &message.service_time(),
        &message.queue_wait(), &message.lateness(), &message.connect_time(), &message.tls_time(),
        &message.first_byte_time(), &message.body_time()}) {
    if (absl::Status status = Histogram::Check(*sparse); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void RequestStats::MergeChecked(const v1::RequestStats& message) {
  MergeCheckedUnmeasured(message);
  response_time.MergeChecked(message.response_time());
  response_time_censored.MergeChecked(message.response_time_censored());
  service_time.MergeChecked(message.service_time());
  queue_wait.MergeChecked(message.queue_wait());
  lateness.MergeChecked(message.lateness());
  first_byte_time.MergeChecked(message.first_byte_time());
  body_time.MergeChecked(message.body_time());
}

void RequestStats::MergeCheckedUnmeasured(const v1::RequestStats& message) {
  started += message.started();
  for (const v1::OutcomeCount& entry : message.outcomes()) {
    outcomes[static_cast<size_t>(entry.outcome())] += entry.count();
  }
  for (const v1::StatusCount& entry : message.statuses()) {
    statuses.Add(static_cast<uint16_t>(entry.status()), entry.count());
  }
  bytes_sent += message.bytes_sent();
  bytes_received += message.bytes_received();
  connect_time.MergeChecked(message.connect_time());
  tls_time.MergeChecked(message.tls_time());
  resent += message.resent();
  checks_passed += message.checks_passed();
  checks_failed += message.checks_failed();
  not_sent += message.not_sent();
  redirects += message.redirects();
}

absl::Status RequestStats::MergeProto(const v1::RequestStats& message) {
  absl::Status status = Check(message);
  if (status.ok()) MergeChecked(message);
  return status;
}

void RequestStats::ToProto(v1::RequestStats* message) const {
  message->set_started(started);
  message->clear_outcomes();
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] == 0) continue;
    v1::OutcomeCount* entry = message->add_outcomes();
    entry->set_outcome(static_cast<v1::Outcome>(i));
    entry->set_count(outcomes[i]);
  }
  message->clear_statuses();
  for (const auto& [status, count] : statuses.counts()) {
    v1::StatusCount* entry = message->add_statuses();
    entry->set_status(status);
    entry->set_count(count);
  }
  message->set_bytes_sent(bytes_sent);
  message->set_bytes_received(bytes_received);
  response_time.ToProto(message->mutable_response_time());
  response_time_censored.ToProto(message->mutable_response_time_censored());
  service_time.ToProto(message->mutable_service_time());
  queue_wait.ToProto(message->mutable_queue_wait());
  lateness.ToProto(message->mutable_lateness());
  connect_time.ToProto(message->mutable_connect_time());
  tls_time.ToProto(message->mutable_tls_time());
  first_byte_time.ToProto(message->mutable_first_byte_time());
  body_time.ToProto(message->mutable_body_time());
  message->set_resent(resent);
  message->set_checks_passed(checks_passed);
  message->set_checks_failed(checks_failed);
  message->set_not_sent(not_sent);
  message->set_redirects(redirects);
}

void RequestStats::Clear() {
  started = 0;
  outcomes.fill(0);
  statuses.Clear();
  bytes_sent = 0;
  bytes_received = 0;
  response_time.Clear();
  response_time_censored.Clear();
  service_time.Clear();
  queue_wait.Clear();
  lateness.Clear();
  connect_time.Clear();
  tls_time.Clear();
  first_byte_time.Clear();
  body_time.Clear();
  resent = 0;
  checks_passed = checks_failed = not_sent = redirects = 0;
}

void ArrivalCounts::Merge(const ArrivalCounts& other) {
  intended += other.intended;
  started += other.started;
  dropped_saturated += other.dropped_saturated;
  dropped_late += other.dropped_late;
  dropped_fenced += other.dropped_fenced;
}

void ArrivalCounts::MergeProto(const v1::ArrivalStats& message) {
  intended += message.intended();
  started += message.started();
  dropped_saturated += message.dropped_saturated();
  dropped_late += message.dropped_late();
  dropped_fenced += message.dropped_fenced();
}

void ArrivalCounts::ToProto(v1::ArrivalStats* message) const {
  message->set_intended(intended);
  message->set_started(started);
  message->set_dropped_saturated(dropped_saturated);
  message->set_dropped_late(dropped_late);
  message->set_dropped_fenced(dropped_fenced);
}

}  // namespace loadfleet
