#include "master/results/agent_account.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "common/stats/quantile.h"

namespace loadfleet {
namespace {

// One busy second is a hiccup, five are a bottleneck.
constexpr size_t kCpuSeconds = 5;
// Windows. What a master that was killed does not know of an agent's times since, the agent's
// summary says; counts are stored with every window.
constexpr uint64_t kTimesEvery = 30;

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

void AgentAccount::Add(const v1::Window& window, const Fingerprint& fingerprint) {
  sums_.Add(window.arrivals(), window.requests(), window.iterations(), unmeasured_);
  fingerprint_ += fingerprint.sum;
  watermark_ = std::max(watermark_, window.watermark());
  if (covered_.size() <= window.last_second()) covered_.resize(window.last_second() + 1);
  for (uint32_t s = window.first_second(); s <= window.last_second(); ++s) covered_[s] = true;
  cpu_us_ += window.generator().cpu_us();
  WatchCondition(window);
  newest_.Clear();
  *newest_.mutable_levels() = window.levels();
  *newest_.mutable_generator() = window.generator();
}

void AgentAccount::WatchCondition(const v1::Window& window) {
  const double cpu = window.generator().busiest_worker_cpu();
  busiest_ = std::max(busiest_, cpu);
  recent_cpu_.push_back(cpu);
  if (recent_cpu_.size() > kCpuSeconds) recent_cpu_.pop_front();
  const double mean = std::accumulate(recent_cpu_.begin(), recent_cpu_.end(), 0.0) / kCpuSeconds;
  if (mean > validity_.max_worker_cpu()) Extend(window.last_second(), &saturated_);

  Histogram lateness;
  for (const v1::RequestStats& stats : window.requests()) {
    if (!unmeasured_.Has(stats.scenario(), stats.stage())) lateness.MergeChecked(stats.lateness());
  }
  if (lateness.empty()) return;
  if (P99(lateness) * kMicrosecond > static_cast<double>(validity_.max_lateness_p99_ns())) {
    Extend(window.last_second(), &late_);
  }
}

double AgentAccount::LatenessP99Micros() const {
  return P99(sums_.requests().lateness);
}

void AgentAccount::Close(const v1::FinalSummary& summary, const Fingerprint& fingerprint,
                         uint64_t checksum) {
  summary_ = Summary{checksum, fingerprint.sum, summary.key().last_seq()};
  cpu_us_ = std::max(cpu_us_, summary.cpu_us());
}

std::string AgentAccount::Note() const {
  if (!summary_) return lost_note_;
  const std::string missing = ledger_.Missing(summary_->last_seq);
  if (!missing.empty()) return absl::StrCat("windows ", missing, " never came");
  return Reconciled() ? lost_note_ : "its summary differs from the sum of its windows";
}

void AgentAccount::MarkLost(uint32_t second, const std::string& why) {
  lost_ = true;
  has_gap_ = true;
  lost_note_ = absl::StrCat("lost at ", second, " s: ", why);
}

void AgentAccount::MarkBack(uint32_t second) {
  lost_ = false;
  absl::StrAppend(&lost_note_, "; back at ", second, " s");
}

double AgentAccount::Coverage(uint32_t seconds) const {
  if (seconds == 0) return tenure_.Share(0, 1);
  // After its last window, so its summary says, there was nothing.
  const bool told_all = Reconciled() && !has_gap_;
  double covered = 0;
  for (uint32_t s = 0; s < seconds; ++s) {
    if (s < covered_.size() ? covered_[s] : told_all) {
      covered += tenure_.Share(s * kSecond, (s + 1) * kSecond);
    }
  }
  return covered / seconds;
}

// Not all agents at a time.
uint64_t AgentAccount::FirstTimes(const std::string& agent_id) {
  return 1 + std::hash<std::string>()(agent_id) % kTimesEvery;
}

bool AgentAccount::TakeTimesDue() {
  if (ledger_.size() < times_due_ && !delivered()) return false;
  times_due_ = ledger_.size() + kTimesEvery;
  return true;
}

v1::AgentReport AgentAccount::Report() const {
  v1::AgentReport report = ReportWithoutTimes();
  *report.mutable_totals() = sums_.ToTotals();
  return report;
}

v1::AgentReport AgentAccount::ReportWithoutTimes() const {
  v1::AgentReport report;
  report.set_agent_id(agent_id_);
  report.set_incarnation(incarnation_);
  report.set_state(lost_ ? "lost" : delivered() ? "done" : "unfinished");
  *report.mutable_totals() = sums_.ToTotalsWithoutTimes();
  report.set_cpu_us(cpu_us_);
  report.set_busiest_worker_cpu(busiest_);
  report.set_offset_bound_ns(offset_bound_);
  report.set_windows_applied(ledger_.size());
  report.set_windows_duplicate(duplicates_);
  report.set_reconciled(Reconciled());
  report.set_note(Note());
  return report;
}

}  // namespace loadfleet
