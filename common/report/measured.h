// A Report's numbers, taken out of their wire form: what both renderers print, so that they cannot
// disagree.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/stats/iteration_stats.h"
#include "common/stats/outcome.h"
#include "common/stats/quantile.h"
#include "common/stats/request_stats.h"
#include "loadfleet/v1/report.pb.h"

namespace loadfleet {

// The quantiles that every report shows, the last one being the maximum.
struct ReportedQuantile {
  double q;
  std::string_view json;  // field of the JSON summary
  std::string_view text;  // column of the text report
};
inline constexpr std::array<ReportedQuantile, 6> kReportedQuantiles = {{{0.5, "p50_ms", "p50"},
                                                                        {0.9, "p90_ms", "p90"},
                                                                        {0.95, "p95_ms", "p95"},
                                                                        {0.99, "p99_ms", "p99"},
                                                                        {0.999, "p999_ms", "p99.9"},
                                                                        {1.0, "max_ms", "max"}}};

struct Distribution {
  uint64_t count = 0;     // of complete samples
  uint64_t censored = 0;  // known only to be above an age; ranked above all complete ones
  double mean_us = 0;     // of complete samples
  std::array<QuantileValue, kReportedQuantiles.size()> quantiles{};  // in the order above
};

Distribution Describe(const Histogram& observed, const Histogram& censored);
Distribution Describe(const Histogram& observed);

// Totals of a run, of one request or of one agent.
struct Measured {
  bool has_arrivals = false;
  ArrivalCounts arrivals;
  RequestStats stats;
  bool has_iterations = false;
  IterationStats iterations;
  Distribution iteration_duration;
  Distribution response_time;
  Distribution service_time;
  Distribution queue_wait;
  Distribution lateness;
  Distribution connect_time;
  Distribution tls_time;
  Distribution first_byte_time;
  Distribution body_time;
};

// DATA_LOSS when the message is not what a master writes.
absl::StatusOr<Measured> Measure(const v1::Totals& totals);

// Of one group. DATA_LOSS as above.
absl::StatusOr<Distribution> Measure(const v1::GroupStats& group);

// How often each occurred that did, in the order of AllOutcomes().
std::vector<std::pair<Outcome, uint64_t>> OutcomesOf(const RequestStats& stats);
// Likewise the statuses of complete responses, ascending.
std::vector<std::pair<uint16_t, uint64_t>> StatusesOf(const RequestStats& stats);

// What all agents have counted together, which must be the total.
struct AgentSums {
  uint64_t started = 0;
  uint64_t completed = 0;
  uint64_t failed = 0;
  uint64_t dropped = 0;

  void Add(const Measured& agent);
  bool Equals(const Measured& total) const;
};

// What is said of the sum, beside it.
std::string_view ReconciliationText(bool equals_total, bool reconciled);

// "passed", "failed", "invalid", "aborted"; "unknown" for a report without one.
std::string_view VerdictName(v1::Verdict verdict);

}  // namespace loadfleet
