// A curve over time as a few lines of text. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/clock.h"

namespace loadfleet {

inline constexpr size_t kPlotColumns = 64;  // of the curve: with its axis a plot fits 80

struct PlotStyle {
  // Unicode's block elements, which show eighths of a line, in colour; else plain ASCII.
  bool blocks = false;
};

// `curve` from 0 to `duration`, one column a value, none negative. The lowest line is 0, the
// topmost the highest value; a value above 0 always shows. Each line ends with a newline.
std::string PlotCurve(const std::vector<double>& curve, Nanos duration, PlotStyle style);

}  // namespace loadfleet
