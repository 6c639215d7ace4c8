#include "common/nearest_word.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"

namespace loadfleet {
namespace {

constexpr size_t kLongest = 64;
constexpr size_t kCompared = 100;

// Optimal string alignment distance, of words up to kLongest.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::array<std::array<size_t, kLongest + 1>, kLongest + 1> cost{};
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string NearestWord(absl::string_view word, const std::vector<std::string>& known) {
  std::string nearest;
  size_t least = 0;
  size_t compared = 0;
  if (word.size() > kLongest) return nearest;
  for (const std::string& candidate : known) {
    const size_t tolerated = std::max<size_t>(1, candidate.size() / 3);
    // The lengths alone may rule it out.
    if (candidate.size() > kLongest || word.size() > candidate.size() + tolerated ||
        candidate.size() > word.size() + tolerated) {
      continue;
    }
    if (++compared > kCompared) break;
    const size_t distance = Distance(word, candidate);
    if (distance <= tolerated && (nearest.empty() || distance < least)) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

std::string DidYouMean(absl::string_view word, const std::vector<std::string>& known,
                       absl::string_view prefix) {
  const std::string nearest = NearestWord(word, known);
  return nearest.empty() ? "" : absl::StrCat("; did you mean `", prefix, nearest, "`?");
}

}  // namespace loadfleet
