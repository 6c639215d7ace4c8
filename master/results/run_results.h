// Everything that is known of one run: the ledger, the merge, the finality, the report.
//
// Owned by one thread. No clock, no I/O: the same windows in any order give the same numbers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/limits.h"
#include "common/secrets.h"
#include "common/stats/slowest_traces.h"
#include "loadfleet/v1/api.pb.h"
#include "loadfleet/v1/metrics.pb.h"
#include "loadfleet/v1/plan.pb.h"
#include "loadfleet/v1/report.pb.h"
#include "master/results/agent_account.h"
#include "master/results/kept_failures.h"
#include "master/results/ledger.h"
#include "master/results/sums.h"
#include "master/results/thresholds/thresholds.h"
#include "master/results/timeline.h"
#include "master/store/window_commit.h"

namespace loadfleet {

// How the run ended, as its conductor knows it.
struct RunEnding {
  int64_t started_at_ms = 0;  // wall clock, Unix epoch; 0: it never started
  Nanos duration = 0;         // of the load, from T0 to its end, without the graceful stop
  bool aborted = false;
  std::vector<std::string> reasons;  // why it was aborted
  std::vector<std::string> notes;
  std::vector<v1::EpochReport> epochs;
  std::vector<v1::RunEvent> events;  // in any order
};

class RunResults {
 public:
  // `plan`: as it may be shown; every report has it. `secrets`: what is hidden in the exchanges
  // that agents send.
  RunResults(std::string run_id, v1::Plan plan, Secrets secrets = {});

  // `from`: the run time at which it joins.
  void AddAgent(const std::string& agent_id, uint64_t incarnation, SlotSet slots, Nanos from = 0);
  // One that has joined, and has nothing to deliver after all.
  void RemoveAgent(const std::string& agent_id, uint64_t incarnation);
  // Which part of the load is whose.
  void Gain(const std::string& agent_id, uint64_t incarnation, Nanos from, const SlotSet& slots);
  void Lose(const std::string& agent_id, uint64_t incarnation, Nanos from, const SlotSet& slots);
  void SetOffsetBound(const std::string& agent_id, uint64_t incarnation, Nanos bound);

  struct Applied {
    WindowFate fate = WindowFate::kApplied;
    WindowCommit commit;  // when applied: what the store must hold before it is acknowledged
  };
  // INVALID_ARGUMENT: malformed, or of nobody who takes part; nothing is counted.
  absl::StatusOr<Applied> Apply(const v1::Window& window);
  absl::StatusOr<Applied> ApplySummary(const v1::FinalSummary& summary);

  // Its watermark no longer holds seconds back. Windows of it that still come count.
  void MarkLost(const std::string& agent_id, uint64_t incarnation, uint32_t second,
                const std::string& why);
  // It was lost, and is waited for again.
  void MarkBack(const std::string& agent_id, uint64_t incarnation, uint32_t second);
  // It has not done all that was planned for it: it was fenced, or has left.
  void MarkGap(const std::string& agent_id, uint64_t incarnation);

  // The load has ended before its time, `elapsed` after T0.
  void EndLoad(Nanos elapsed) { thresholds_.EndLoad(elapsed); }

  // Up to the end of the last second that any agent has a window of.
  Nanos Measured() const;

  bool Complete() const;  // every agent has delivered its summary, or is lost
  uint32_t FinalBelow() const { return timeline_.final_below(); }
  // The threshold that ends the run, once there is one.
  std::optional<v1::ThresholdResult> AbortingThreshold() const { return thresholds_.Aborting(); }

  // All but who, when and where: run, state, times, agents, notes, report.
  void FillSnapshot(v1::RunSnapshot* snapshot) const;
  v1::Report MakeReport(const RunEnding& ending) const;

  const Sums& sums() const { return total_; }
  const AgentAccount* Find(const std::string& agent_id, uint64_t incarnation) const;
  uint64_t windows_applied() const;
  uint64_t windows_duplicate() const;
  uint64_t windows_conflicting() const { return conflicts_; }

 private:
  AgentAccount* Find(const std::string& agent_id, uint64_t incarnation);
  AgentAccount* Find(const v1::WindowKey& key);
  absl::Status Check(const v1::Window& window) const;
  absl::Status CheckIds(const Sums::ArrivalList& arrivals, const Sums::RequestList& requests,
                        const Sums::IterationList& iterations) const;
  absl::StatusOr<std::vector<TraceSample>> TracesOf(const v1::Window& window) const;
  void CloseSeconds();
  WindowCommit CommitOf(const v1::WindowKey& key, uint64_t checksum,
                        const AgentAccount& agent) const;
  double PlannedArrivals(Nanos duration) const;
  uint64_t IntendedOpen() const;
  uint64_t DroppedInGaps() const;
  uint64_t UnknownArrivals(Nanos duration) const;
  void FillRates(Nanos duration, uint64_t completed, v1::Report* report) const;
  void FillRequests(v1::Report* report) const;
  void FillGroups(v1::Report* report) const;
  bool Reconciled() const;

  const std::string run_id_;
  const v1::Plan plan_;
  const Secrets secrets_;
  const size_t requests_;       // of the plan
  const uint32_t last_second_;  // no sample can be later
  const UnmeasuredStages unmeasured_;
  const std::vector<uint32_t> stage_counts_;  // by scenario; 1 for one without stages
  const std::vector<bool> open_;              // by scenario: an open model
  std::map<std::pair<std::string, uint64_t>, AgentAccount> agents_;  // by name and incarnation
  Sums total_;
  Timeline timeline_;
  KeptFailures failures_;
  SlowestTraces traces_{limits::kRunTraces};
  Thresholds thresholds_;
  uint64_t conflicts_ = 0;
  uint64_t additions_ = 0;  // to seconds that were final
};

}  // namespace loadfleet
