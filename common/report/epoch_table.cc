#include "common/report/epoch_table.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/report/format.h"

namespace loadfleet {
namespace {

constexpr int kLines = 8;        // more would push the rest off a screen
constexpr size_t kColumns = 78;  // of a line
constexpr size_t kReason = 34;

// The largest first, as many as fit.
std::string Shares(const v1::EpochReport& epoch, size_t columns) {
  std::vector<const v1::EpochShare*> shares;
  for (const v1::EpochShare& share : epoch.shares()) shares.push_back(&share);
  std::stable_sort(shares.begin(), shares.end(),
                   [](const auto* a, const auto* b) { return a->share() > b->share(); });
  std::string text;
  for (size_t i = 0; i < shares.size(); ++i) {
    const std::string one = absl::StrCat(i == 0 ? "" : ", ", Shortened(shares[i]->agent_id(), 16),
                                         " ", FormatPercent(shares[i]->share()));
    const std::string more = absl::StrCat(" and ", shares.size() - i, " more");
    const bool last = i + 1 == shares.size();
    if (text.size() + one.size() + (last ? 0 : more.size()) > columns) return text + more;
    text += one;
  }
  return text;
}

}  // namespace

void AppendEpochs(const v1::Report& report, std::string* out) {
  if (report.epochs_size() < 2) return;
  absl::StrAppend(out, "\n");
  for (int i = 1; i < std::min(report.epochs_size(), kLines + 1); ++i) {
    const v1::EpochReport& epoch = report.epochs(i);
    std::string line =
        absl::StrCat("epoch ", epoch.epoch(), " from ", FormatElapsed(epoch.effective_from_ns()),
                     ": ", Shortened(epoch.reason(), kReason), "; ");
    absl::StrAppend(out, line, Shares(epoch, kColumns - line.size()), "\n");
  }
  if (report.epochs_size() > kLines + 1) {
    absl::StrAppend(out, "and ", report.epochs_size() - kLines - 1,
                    " more (in the JSON summary)\n");
  }
}

}  // namespace loadfleet
