// What one agent has delivered of a run, and what it says of its own condition.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "loadfleet/v1/metrics.pb.h"
#include "loadfleet/v1/plan.pb.h"
#include "master/results/agent_sums.h"
#include "master/results/ledger.h"
#include "master/results/tenure.h"

namespace loadfleet {

// The seconds in which something was wrong, from the first to the last.
struct SecondRange {
  uint32_t first = 0;
  uint32_t last = 0;
};

// Not thread-safe.
class AgentAccount {
 public:
  AgentAccount() = default;
  AgentAccount(std::string agent_id, uint64_t incarnation, v1::Validity validity,
               UnmeasuredStages unmeasured)
      : agent_id_(std::move(agent_id)),
        incarnation_(incarnation),
        times_due_(FirstTimes(agent_id_)),
        validity_(std::move(validity)),
        unmeasured_(std::move(unmeasured)) {}

  // The window has been judged new, and Sums::Check has passed it.
  void Add(const v1::Window& window, const Fingerprint& fingerprint);
  // Likewise.
  void Close(const v1::FinalSummary& summary, const Fingerprint& fingerprint, uint64_t checksum);
  void MarkLost(uint32_t second, const std::string& why);
  void MarkBack(uint32_t second);  // after it was lost
  // It has stopped before the load's end, or has stood still in between.
  void MarkGap() { has_gap_ = true; }
  // It has taken up the run at this second: it has nothing of those before.
  void BeginAt(uint32_t second) { watermark_ = second; }

  const std::string& agent_id() const { return agent_id_; }
  uint64_t incarnation() const { return incarnation_; }
  bool lost() const { return lost_; }
  bool delivered() const { return summary_.has_value(); }
  uint64_t summary_checksum() const { return summary_->checksum; }  // once delivered
  uint32_t watermark() const { return watermark_; }
  // Its watermark as whoever waits for it has taken note of it. What it was before.
  std::optional<uint32_t> SetAwaited(std::optional<uint32_t> watermark) {
    return std::exchange(awaited_, watermark);
  }
  const AgentSums& sums() const { return sums_; }
  // Of all its windows so far.
  uint64_t fingerprint() const { return fingerprint_; }
  double LatenessP99Micros() const;  // of what is measured
  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }
  const v1::Window& newest() const { return newest_; }  // levels and generator of its newest window

  void CountDuplicate() { ++duplicates_; }
  uint64_t duplicates() const { return duplicates_; }
  void set_offset_bound(Nanos bound) { offset_bound_ = bound; }
  Nanos offset_bound() const { return offset_bound_; }

  // Of the run's `seconds`: the part whose windows came, each with the share that it had then. What
  // comes after the last window of an agent that has told all is covered too.
  double Coverage(uint32_t seconds) const;
  Tenure& tenure() { return tenure_; }
  const Tenure& tenure() const { return tenure_; }
  bool has_gap() const { return has_gap_; }
  // Up to the end of the last second that it has a window of.
  Nanos measured() const { return static_cast<Nanos>(covered_.size()) * kSecond; }
  // Its summary came and equals the sum of its windows.
  bool Reconciled() const { return summary_ && summary_->fingerprint == fingerprint_; }

  double busiest_worker_cpu() const { return busiest_; }  // highest second, 0..1
  // Seconds in which the mean of five was above validity.max_worker_cpu.
  const std::optional<SecondRange>& saturated() const { return saturated_; }
  // Seconds whose lateness p99 was above validity.max_lateness_p99.
  const std::optional<SecondRange>& late() const { return late_; }

  v1::AgentReport Report() const;
  v1::AgentReport ReportWithoutTimes() const;
  // Whether the times of its newest report that is stored are so old that they should be stored
  // anew; if so they count as stored from here on.
  bool TakeTimesDue();

 private:
  // What its summary said.
  struct Summary {
    uint64_t checksum;
    uint64_t fingerprint;
    uint64_t last_seq;
  };

  static uint64_t FirstTimes(const std::string& agent_id);
  void WatchCondition(const v1::Window& window);
  std::string Note() const;

  std::string agent_id_;
  uint64_t incarnation_ = 0;
  uint64_t times_due_ = 1;  // when it has so many windows
  Tenure tenure_;
  bool has_gap_ = false;
  v1::Validity validity_;
  UnmeasuredStages unmeasured_;
  Ledger ledger_;
  AgentSums sums_;
  uint64_t fingerprint_ = 0;
  std::vector<bool> covered_;  // by second
  uint32_t watermark_ = 0;
  std::optional<uint32_t> awaited_;
  v1::Window newest_;
  uint64_t duplicates_ = 0;
  Nanos offset_bound_ = 0;
  uint64_t cpu_us_ = 0;
  std::deque<double> recent_cpu_;
  double busiest_ = 0;
  std::optional<SecondRange> saturated_;
  std::optional<SecondRange> late_;
  bool lost_ = false;
  std::optional<Summary> summary_;
  std::string lost_note_;
};

}  // namespace loadfleet
