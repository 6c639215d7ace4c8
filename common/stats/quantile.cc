#include "common/stats/quantile.h"

#include <algorithm>
#include <cmath>

namespace loadfleet {
namespace {

// The value of each rank (from 1, ascending). Ranks above the count get the maximum.
std::vector<uint64_t> ValuesAtRanks(const Histogram& histogram,
                                    const std::vector<uint64_t>& ascending_ranks) {
  std::vector<uint64_t> values;
  values.reserve(ascending_ranks.size());
  uint64_t seen = 0;
  histogram.ForEach([&](uint32_t index, uint64_t count) {
    seen += count;
    while (values.size() < ascending_ranks.size() && ascending_ranks[values.size()] <= seen) {
      values.push_back(std::min(Histogram::HighestAt(index), histogram.max_us()));
    }
  });
  values.resize(ascending_ranks.size(), histogram.max_us());
  return values;
}

}  // namespace

std::vector<QuantileValue> QuantilesOf(const Histogram& observed, const Histogram& censored,
                                       absl::Span<const double> quantiles) {
  std::vector<QuantileValue> result(quantiles.size());
  const uint64_t complete = observed.TotalCount();
  const uint64_t total = complete + censored.TotalCount();
  if (total == 0) return result;

  std::vector<size_t> order(quantiles.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return quantiles[a] < quantiles[b]; });
  std::vector<uint64_t> ranks;
  for (size_t i : order) {
    // The product of a quantile such as 0.999 and a count may lie a rounding error above an
    // integer.
    const double exact = quantiles[i] * static_cast<double>(total);
    const auto rank = static_cast<uint64_t>(std::ceil(exact - 1e-9 * exact));
    ranks.push_back(std::clamp<uint64_t>(rank, 1, total));
  }
  const std::vector<uint64_t> exact = ValuesAtRanks(observed, ranks);
  std::vector<uint64_t> bounds;
  if (complete < total) {
    Histogram everything;
    everything.Merge(observed);
    everything.Merge(censored);
    bounds = ValuesAtRanks(everything, ranks);
  }
  for (size_t i = 0; i < order.size(); ++i) {
    QuantileValue& value = result[order[i]];
    value.lower_bound = ranks[i] > complete;
    value.micros = static_cast<double>(value.lower_bound ? bounds[i] : exact[i]);
  }
  return result;
}

v1::Quantiles SummaryQuantiles(const Histogram& observed, const Histogram& censored) {
  const std::vector<QuantileValue> values = QuantilesOf(observed, censored, {0.5, 0.9, 0.99, 1.0});
  v1::Quantiles summary;
  summary.set_count(observed.TotalCount() + censored.TotalCount());
  const auto set = [](const QuantileValue& value, v1::Quantile* out) {
    out->set_value_us(value.micros);
    out->set_lower_bound(value.lower_bound);
  };
  set(values[0], summary.mutable_p50());
  set(values[1], summary.mutable_p90());
  set(values[2], summary.mutable_p99());
  set(values[3], summary.mutable_max());
  return summary;
}

}  // namespace loadfleet
