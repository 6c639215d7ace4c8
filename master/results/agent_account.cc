#include "master/results/agent_account.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "common/stats/quantile.h"

namespace loadfleet {
namespace {

// One busy second is a hiccup, five are a bottleneck.
constexpr size_t kCpuSeconds = 5;

double P99(const Histogram& lateness) {
  const double p99[] = {0.99};
  return QuantilesOf(lateness, Histogram(), p99).front().micros;
}

void Extend(uint32_t second, std::optional<SecondRange>* range) {
  if (!*range) *range = SecondRange{second, second};
  (*range)->first = std::min((*range)->first, second);
  (*range)->last = std::max((*range)->last, second);
}

}  // namespace

void AgentAccount::Add(const v1::Window& window, const Sums& delta) {
  sums_.Merge(delta);
  watermark_ = std::max(watermark_, window.watermark());
  if (covered_.size() <= window.last_second()) covered_.resize(window.last_second() + 1);
  for (uint32_t s = window.first_second(); s <= window.last_second(); ++s) covered_[s] = true;
  cpu_us_ += window.generator().cpu_us();
  WatchCondition(window, delta);
  newest_.Clear();
  *newest_.mutable_levels() = window.levels();
  *newest_.mutable_generator() = window.generator();
}

void AgentAccount::WatchCondition(const v1::Window& window, const Sums& delta) {
  const double cpu = window.generator().busiest_worker_cpu();
  busiest_ = std::max(busiest_, cpu);
  recent_cpu_.push_back(cpu);
  if (recent_cpu_.size() > kCpuSeconds) recent_cpu_.pop_front();
  const double mean = std::accumulate(recent_cpu_.begin(), recent_cpu_.end(), 0.0) / kCpuSeconds;
  if (mean > validity_.max_worker_cpu()) Extend(window.last_second(), &saturated_);

  if (P99(delta.AllRequests(unmeasured_).lateness) * kMicrosecond >
      static_cast<double>(validity_.max_lateness_p99_ns())) {
    Extend(window.last_second(), &late_);
  }
}

double AgentAccount::LatenessP99Micros() const {
  return P99(sums_.AllRequests(unmeasured_).lateness);
}

absl::Status AgentAccount::Close(const v1::FinalSummary& summary) {
  Sums cumulative;
  absl::Status status =
      cumulative.Add(summary.arrivals(), summary.requests(), summary.iterations());
  if (!status.ok()) return status;
  summary_checksum_ = ChecksumOf(summary);
  cpu_us_ = std::max(cpu_us_, summary.cpu_us());
  v1::FinalSummary said;
  v1::FinalSummary counted;
  cumulative.ToProto(said.mutable_arrivals(), said.mutable_requests(), said.mutable_iterations());
  sums_.ToProto(counted.mutable_arrivals(), counted.mutable_requests(),
                counted.mutable_iterations());
  reconciled_ = said.SerializeAsString() == counted.SerializeAsString();
  if (const std::string missing = ledger_.Missing(summary.key().last_seq()); !missing.empty()) {
    note_ = absl::StrCat("windows ", missing, " never came");
  } else if (!reconciled_) {
    note_ = "its summary differs from the sum of its windows";
  }
  return absl::OkStatus();
}

void AgentAccount::MarkLost(uint32_t second, const std::string& why) {
  lost_ = true;
  has_gap_ = true;
  note_ = absl::StrCat("lost at ", second, " s: ", why);
}

void AgentAccount::MarkBack(uint32_t second) {
  lost_ = false;
  absl::StrAppend(&note_, "; back at ", second, " s");
}

double AgentAccount::Coverage(uint32_t seconds) const {
  if (seconds == 0) return tenure_.Share(0, 1);
  double covered = 0;
  for (uint32_t s = 0; s < std::min<size_t>(seconds, covered_.size()); ++s) {
    if (covered_[s]) covered += tenure_.Share(s * kSecond, (s + 1) * kSecond);
  }
  return covered / seconds;
}

v1::AgentReport AgentAccount::Report() const {
  v1::AgentReport report;
  report.set_agent_id(agent_id_);
  report.set_incarnation(incarnation_);
  report.set_state(lost_ ? "lost" : delivered() ? "done" : "unfinished");
  *report.mutable_totals() = sums_.ToTotals(unmeasured_);
  report.set_cpu_us(cpu_us_);
  report.set_busiest_worker_cpu(busiest_);
  report.set_offset_bound_ns(offset_bound_);
  report.set_windows_applied(ledger_.size());
  report.set_windows_duplicate(duplicates_);
  report.set_reconciled(reconciled_);
  report.set_note(note_);
  return report;
}

}  // namespace loadfleet
