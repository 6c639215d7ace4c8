#include "loadctl/explain/curve_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/report/format.h"

namespace loadfleet {
namespace {

constexpr int kLines = 8;
constexpr int kEighths = 8;  // of a line, that a block element can show
constexpr size_t kLabelColumns = 12;
constexpr std::array<const char*, kEighths + 1> kBlocks = {" ", "▁", "▂", "▃", "▄",
                                                           "▅", "▆", "▇", "█"};
constexpr char kCyan[] = "\x1b[36m";
constexpr char kPlain[] = "\x1b[0m";

// How much of the plot's height `value` fills, in steps of which a line has `steps`.
int HeightOf(double value, double highest, int steps) {
  if (value <= 0 || highest <= 0) return 0;
  const int height = static_cast<int>(std::lround(value / highest * kLines * steps));
  return std::clamp(height, 1, kLines * steps);
}

// `line` counts from 0 at the bottom.
std::string LineOf(const std::vector<double>& curve, double highest, int line, PlotStyle style) {
  std::string text;
  for (const double value : curve) {
    if (style.blocks) {
      const int above = HeightOf(value, highest, kEighths) - line * kEighths;
      text += kBlocks[static_cast<size_t>(std::clamp(above, 0, kEighths))];
    } else {
      text += HeightOf(value, highest, 1) > line ? '#' : ' ';
    }
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string LabelOf(double highest, int line) {
  if (line == kLines - 1) return FormatRate(highest);
  return line == kLines / 2 - 1 ? FormatRate(highest / 2) : "";
}

}  // namespace

std::string PlotCurve(const std::vector<double>& curve, Nanos duration, PlotStyle style) {
  const double highest = curve.empty() ? 0 : *std::max_element(curve.begin(), curve.end());
  std::string plot;
  for (int line = kLines - 1; line >= 0; --line) {
    const std::string drawn = LineOf(curve, highest, line, style);
    absl::StrAppendFormat(&plot, "%*s |", static_cast<int>(kLabelColumns), LabelOf(highest, line));
    absl::StrAppend(&plot, style.blocks ? kCyan : "", drawn, style.blocks ? kPlain : "", "\n");
  }
  absl::StrAppendFormat(&plot, "%*s +%s\n", static_cast<int>(kLabelColumns), "0",
                        std::string(curve.size(), '-'));
  const std::string end = FormatElapsed(duration);
  const std::string begin = "0s";
  const size_t gap = std::max(curve.size(), begin.size() + end.size() + 1) - begin.size();
  absl::StrAppendFormat(&plot, "%*s%s%*s\n", static_cast<int>(kLabelColumns) + 2, "", begin,
                        static_cast<int>(gap), end);
  return plot;
}

}  // namespace loadfleet
